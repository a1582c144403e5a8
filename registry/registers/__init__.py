"""The registers themselves, one folder each. `catalogue()` finds them; there is no list of them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, overload

from registry.kit.definition import RegisterDefinition
from registry.kit.demonstration import Demonstration

APPLIED = "{}-applications"  # slug of the applications to a register in which a body files as well
EXTRA_FOLDERS = "PINZHENG_REGISTERS"  # further folders of registers, separated as in PATH


Default = TypeVar("Default")


class Catalogue(Mapping[str, RegisterDefinition]):
    """Definitions by slug. Applications to a register that bodies file to as well are found by index alone: they are no register."""

    def __init__(self, registers: Iterable[RegisterDefinition]) -> None:
        """Take the registers in their order."""
        self._registers = {definition.slug: definition for definition in registers}
        self._applied = {
            APPLIED.format(slug): replace(
                definition,
                slug=APPLIED.format(slug),
                filing=definition.application_filing,
                application_filing=None,
                applies_to=slug,
            )
            for slug, definition in self._registers.items()
            if definition.application_filing is not None
        }

    def __getitem__(self, slug: str) -> RegisterDefinition:
        """Return a register, or the applications to one."""
        return self._registers[slug] if slug in self._registers else self._applied[slug]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the registers."""
        return iter(self._registers)

    def __len__(self) -> int:
        """Return how many registers there are."""
        return len(self._registers)

    def __contains__(self, slug: object) -> bool:
        """Return True for a register."""
        return slug in self._registers

    @overload
    def get(self, slug: str, default: None = None) -> RegisterDefinition | None: ...

    @overload
    def get(self, slug: str, default: Default) -> RegisterDefinition | Default: ...

    def get(self, slug: str, default: Any = None) -> Any:
        """Return a register, `default` where there is none."""
        return self._registers.get(slug, default)

    def applications(self) -> tuple[RegisterDefinition, ...]:
        """Return the definitions by which holders apply where bodies file as well."""
        return tuple(self._applied.values())


@cache
def catalogue() -> Catalogue:
    """Return the definitions by slug, in the order of their `position`.

    Raises `ValueError` naming every contradiction: a register that contradicts itself must not start.
    """
    definitions = _with_links_of_texts([module.REGISTER for module in _modules()])
    problems = [
        f"{definition.slug}: {problem}"
        for definition in definitions
        for problem in definition.contradictions()
    ]
    slugs = [definition.slug for definition in definitions]
    prefixes = [definition.numbering.prefix for definition in definitions if definition.numbering.prefix]
    problems += [f"{slug}: slug used twice" for slug in set(slugs) if slugs.count(slug) > 1]
    problems += [f"{prefix}: prefix used twice" for prefix in set(prefixes) if prefixes.count(prefix) > 1]
    problems += [
        f"{definition.slug}: links to unknown register {link.register}"
        for definition in definitions
        for link in definition.all_links()
        if link.register not in slugs
    ]
    represented = {each.slug for each in definitions if each.representation}
    problems += [
        f"{definition.slug}: filed for records of {party.register}, for which no account acts"
        for definition in definitions
        if (party := definition.filer) and party.register not in represented
    ]
    if len([each for each in definitions if each.representation and each.representation.files]) != 1:
        problems.append("people file for the records of exactly one register: that of the organisations")
    if problems:
        raise ValueError("; ".join(problems))
    definitions.sort(key=lambda definition: (definition.position, definition.slug))
    found = Catalogue(definitions)
    if problems := [
        f"{each.slug}: {problem}" for each in found.applications() for problem in each.contradictions()
    ]:
        raise ValueError("; ".join(problems))
    return found


def _with_links_of_texts(definitions: list[RegisterDefinition]) -> list[RegisterDefinition]:
    """Give each register the links to records of others that its texts name."""
    return [
        replace(
            definition,
            links=(
                *definition.links,
                *(
                    link
                    for other in definitions
                    if other.named_in_texts and other.slug != definition.slug
                    for link in other.named_in_texts.links_from(definition.schema, other.slug)
                ),
            ),
        )
        for definition in definitions
    ]


def demonstration_of(definition: RegisterDefinition) -> Demonstration:
    """Return what a register shows on a first visit; nothing where its folder has no module `demonstration`."""
    if not (definition.folder / "demonstration.py").exists():
        return Demonstration()
    module = importlib.import_module(f"{__name__}.{definition.package}.demonstration")
    demonstration: Demonstration = module.DEMONSTRATION
    return demonstration


def filed_registers(by: str = "") -> tuple[RegisterDefinition, ...]:
    """Return the registers that enterprises and bodies file to, in the order of the catalogue; not those in which they apply.

    `by`: the slug of the register of those who file, organisations or bodies; "" for both.
    """
    return tuple(
        definition
        for definition in catalogue().values()
        if (party := definition.filer) is not None
        and by in ("", party.register)
        and definition not in applied_registers()
    )


def applied_registers() -> tuple[RegisterDefinition, ...]:
    """Return the registers in which holders apply for a decision, in the order of the catalogue.

    One that bodies file to as well stands there with the filing of the holder, and a slug of its own.
    """
    applied = {each.applies_to: each for each in catalogue().applications()}
    found = (applied.get(each.slug, each) for each in catalogue().values())
    return tuple(each for each in found if each.filing and each.filing.application)


def find_applied(slug: str) -> RegisterDefinition | None:
    """Return the definition by which holders apply, by its slug; None for any other."""
    return next((each for each in applied_registers() if each.slug == slug), None)


def organisation_register() -> RegisterDefinition:
    """Return the register of the enterprises, which its members file for and which may be claimed before they are in it."""
    return next(
        definition
        for definition in catalogue().values()
        if definition.representation and definition.representation.files
    )


def represented_registers() -> tuple[RegisterDefinition, ...]:
    """Return the registers for whose records people act, in the order of the catalogue: organisations, bodies."""
    return tuple(definition for definition in catalogue().values() if definition.representation is not None)


def _modules() -> list[ModuleType]:
    here = Path(__file__).parent
    modules = [
        importlib.import_module(f"{__name__}.{folder.name}")
        for folder in sorted(here.iterdir())
        if (folder / "__init__.py").exists()
    ]
    for parent in filter(None, os.environ.get(EXTRA_FOLDERS, "").split(os.pathsep)):
        modules += [
            _from_folder(folder)
            for folder in sorted(Path(parent).iterdir())
            if (folder / "__init__.py").exists()
        ]
    return modules


def _from_folder(folder: Path) -> ModuleType:
    """Load a register that lives outside the package (an operator's own), as `registry.registers.<folder>`."""
    name = f"{__name__}.{folder.name}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ValueError(f"{folder} is not a register")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
