"""Text that was damaged on its way: lost characters, bytes read in the wrong encoding, rows of question marks.

What is lost cannot be restored here. The damage is named, so that nobody publishes it unseen.
"""

from __future__ import annotations

import re

from ftfy import badness

SUSPICIOUS = re.compile(
    "[\ufffd锟烫屯锘?？\ue000-\uf8ff\U000f0000-\U0010fffd\u0080-\u00ff\u0152-\u0178\u02c6\u02dc\u2122]"
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
        return "text_damaged" if QUESTION_MARKS.search(text) else None
    if SUSPICIOUS.search(text):
        if REPLACED.search(text) or QUESTION_MARKS.search(text) or badness.is_bad(text):
            return "text_damaged"
        if PRIVATE_USE.search(text):
            return "text_private_use"
    run = HAN_RUN.search(text)
    return "text_damaged" if run and _is_utf8_read_as_gbk(run[0]) else None


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
