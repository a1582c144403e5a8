"""Text that was damaged on its way: lost characters, bytes read in the wrong encoding, rows of question marks.

What is lost cannot be restored here. The damage is named, so that it is not published unseen.
"""

from __future__ import annotations

import re

from registry.late_imports import LateModule

badness = LateModule("ftfy.badness")


def _leads_of_utf8() -> str:
    """The characters that GBK makes of the first two bytes of a Chinese character in UTF-8: E4 to E9, 80 to BF."""
    return "".join(
        bytes((first, second)).decode("gbk", "ignore")
        for first in range(0xE4, 0xEA)
        for second in range(0x80, 0xC0)
    )


# One search tells nearly all texts from those that are looked at more closely.
SUSPICIOUS = re.compile(
    "[\ufffd锟烫屯锘?？\ue000-\uf8ff\U000f0000-\U0010fffd\u0080-\u00ff\u0152-\u0178\u02c6\u02dc\u2122"
    f"{_leads_of_utf8()}]"
)
REPLACED = re.compile(
    "\ufffd|锟斤拷|烫烫烫|屯屯屯|锘[挎匡]"
)  # U+FFFD; its bytes, empty memory and BOM read as GBK
QUESTION_MARKS = re.compile(r"[?？]{3,}|(?<=[\u3400-\u9fff])[?？]{2,}(?=[\u3400-\u9fff])")
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
HAN_RUN = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef€]{3,}")
COMMON_LEADS = range(0xB0, 0xD8)  # first bytes of the common characters of GB/T 2312


def find_damage(text: str) -> str | None:
    """The code of what is wrong with a text, `text_damaged` or `text_private_use`; None for a sound one."""
    if text.isascii():
        return "text_damaged" if "???" in text else None
    if SUSPICIOUS.search(text) is None:
        return None
    if REPLACED.search(text) or QUESTION_MARKS.search(text) or badness.is_bad(text):
        return "text_damaged"
    if PRIVATE_USE.search(text):
        return "text_private_use"
    return "text_damaged" if any(map(_is_utf8_read_as_gbk, HAN_RUN.findall(text))) else None


def _is_utf8_read_as_gbk(text: str) -> bool:
    """True for 鏉窞璇曟牱, which is 杭州试样 in UTF-8 read as GBK: its bytes are UTF-8 of common characters.

    Bytes without a character of their own are lost in such texts; two thirds as many characters remain at most.
    """
    recovered = text.encode("gbk", "replace").decode("utf-8", "ignore").replace("?", "")
    if len(recovered) < max(2, 0.4 * len(text)) or not all(map(_is_common, recovered)):
        return False
    return 2 * sum(map(_is_common, text)) <= len(text)


def _is_common(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] in COMMON_LEADS
    except UnicodeEncodeError:
        return False
