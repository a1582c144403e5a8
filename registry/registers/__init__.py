"""The registers themselves, one folder each. `catalogue()` finds them; there is no list of them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from registry.kit.definition import RegisterDefinition
from registry.kit.demonstration import Demonstration

EXTRA_FOLDERS = "PINZHENG_REGISTERS"  # further folders of registers, separated as in PATH


@cache
def catalogue() -> Mapping[str, RegisterDefinition]:
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
    return MappingProxyType({definition.slug: definition for definition in definitions})


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
    """Return the registers in which holders apply for a decision, in the order of the catalogue."""
    return tuple(each for each in catalogue().values() if each.filing and each.filing.application)


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
