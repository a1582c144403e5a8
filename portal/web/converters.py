"""Parts of an address that are checked before any view: wrong ones are 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import BaseConverter, IntegerConverter, Map, Rule

from registry.registers import applied_registers, catalogue, filed_registers, represented_registers


class MatchedRule(Rule):
    """A route from which no address is built: pages know theirs. Werkzeug would compile two functions for each of them."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        def build(rule: Rule, *args: Any, **values: Any) -> tuple[str, str]:
            return compile_builder(append_unknown)(rule, *args, **values)

        return build


class LangConverter(BaseConverter):
    """`zh` or `en`."""

    regex = "zh|en"


class RegisterConverter(BaseConverter):
    """The slug of a register of the catalogue."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **kwargs)
        self.regex = "|".join(catalogue())


class FiledRegisterConverter(BaseConverter):
    """The slug of a register that enterprises file to themselves."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **kwargs)
        self.regex = "|".join(definition.slug for definition in filed_registers())


class AppliedRegisterConverter(BaseConverter):
    """The slug of a register in which holders apply for a decision."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **kwargs)
        self.regex = "|".join(definition.slug for definition in applied_registers()) or "(?!)"


class RepresentedRegisterConverter(BaseConverter):
    """The slug of a register for whose records people act: organisations, bodies."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **kwargs)
        self.regex = "|".join(definition.slug for definition in represented_registers())


class NumberConverter(BaseConverter):
    """A number as people write it: any spelling, a slash in it included (`GB/T 35607-2024`)."""

    part_isolating = False
    regex = "(?s:[^/].*?)"  # with line breaks: they come with what was copied
    weight = 200


class IdConverter(IntegerConverter):
    """The id of a row in ASCII digits, in one spelling: what no database could hold, `٣` and `03` are 404."""

    regex = "0|[1-9][0-9]{0,9}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


CONVERTERS = {
    "int": IdConverter,
    "lang": LangConverter,
    "register": RegisterConverter,
    "filed_register": FiledRegisterConverter,
    "applied_register": AppliedRegisterConverter,
    "represented_register": RepresentedRegisterConverter,
    "number": NumberConverter,
}
