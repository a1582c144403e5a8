"""The names of people in records: an entry of the log is public and stays, so that it never holds one in full."""

from __future__ import annotations

from typing import Any

from registry.kit.kinds import Text
from registry.reference.identifiers import personal


class PersonName(Text):
    """The name of a person, which becomes its mask when it is read: 张三 → 张*.

    Page, list, export, API, feed, search index, past versions and the log have what was read, and so the mask. A name in full may
    be public with the separate consent of the person only, who may take it back (个人信息保护法 (2021), Arts. 15 and 25); what
    stands in the log cannot be taken back.
    """

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return personal.mask_name(str(super()._deserialize(value, attr, data, **kwargs)))
