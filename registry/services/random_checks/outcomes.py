"""What a check of a record may come to, and why it could not be done."""

from __future__ import annotations

from registry.kit.codes import Code, CodeList
from registry.kit.display import Words
from registry.kit.random_check import FAILED, NOT_POSSIBLE, PASSED

OUTCOMES = CodeList(
    Code(PASSED, "未发现问题", "No problem found"),
    Code(FAILED, "发现问题", "Problem found"),
    Code(NOT_POSSIBLE, "未能实施检查", "Could not be done"),
)
# The kinds of such results that market regulation authorities publish.
REASONS = CodeList(
    Code("not_found", "通过登记的住所（经营场所）无法联系", "Cannot be reached at its registered address"),
    Code("not_practised", "未发现开展本次抽查涉及的经营活动", "Does not carry on what was to be checked"),
    Code("uncooperative", "不配合检查情节严重", "Does not cooperate, to a serious degree"),
    Code("ended", "已停产、停业或注销", "Has stopped production or business, or was deregistered"),
    Code("other", "其他原因", "Another reason"),
)


def words_of(codes: CodeList, code: str) -> Words | None:
    """Return the words of a code in both languages, None for none."""
    found = codes.get(code)
    return Words(found.zh, found.en) if found else None
