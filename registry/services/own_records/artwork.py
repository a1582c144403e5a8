"""The artwork that holder and issuing body download: the code of a record's address with number and words, for print.

One drawing at several sizes, as PDF and as SVG; what may be printed, and when nothing may, is data of the register
(`kit.marking`). Every download stands in the audit log.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import segno

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, NotFound
from registry.i18n import _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.kinds import RegisterField
from registry.kit.marking import Marking
from registry.printing import typesetting
from registry.services.bootstrap import Registry
from registry.services.own_records.parties import OwnRecord, Party, RecordAddress, require_own_record
from registry.services.records import presentation, reading
from registry.services.records.views import CautionView, PartyView, RegisterView
from registry.store.unit_of_work import read_transaction, unit_of_work

TEMPLATE = "artwork"
QUIET_ZONE = 4  # modules of white on each side of a QR code (ISO/IEC 18004)
LONGEST_LEVEL = 8  # characters of a level that is printed large
SCAN = _("Scan for the status today")
DEMO = _("Demonstration, not for use")


@dataclass(frozen=True, slots=True)
class ArtworkSize:
    """A size of the artwork in millimetres. `lines`: of words that it has room for in a legible size; none beside a code alone."""

    code: str
    width: int
    height: int
    lines: int

    @property
    def only_code(self) -> bool:
        """True without words beside the code."""
        return not self.lines


SIZES = (
    ArtworkSize("small", 50, 20, lines=3),
    ArtworkSize("medium", 75, 30, lines=5),
    ArtworkSize("large", 125, 50, lines=9),
    ArtworkSize("code", 20, 26, lines=0),
    ArtworkSize("large-code", 40, 52, lines=0),
)
KINDS = {"svg": "image/svg+xml", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class ArtworkView:
    """What may be printed for a record. `refusal`: message id of why nothing today, "" where it may.

    `official`, `rules`: message ids of whose mark it is not, and of what the rules ask.
    """

    register: RegisterView
    number: str
    slug: str
    path: str
    title: Words
    status: StatusView
    cautions: tuple[CautionView, ...]
    party: Party
    name: Words
    holder: PartyView | None
    issuer: PartyView | None
    permalink: str
    sizes: tuple[ArtworkSize, ...]
    refusal: str
    official: str
    rules: tuple[str, ...]
    demo: bool


@dataclass(frozen=True, slots=True)
class ArtworkFile:
    """A file to save. `kind`: its media type."""

    name: str
    kind: str
    body: bytes


def get_artwork(registry: Registry, actor: Actor, address: RecordAddress, lang: str) -> ArtworkView:
    """Return what holder or issuer may print for a record, or why nothing today.

    Raises `NotFound` (no such record, or a register whose records are printed nowhere) and `Forbidden` (`record_of_others`).
    """
    require(actor, Action.ACT_FOR)
    return _read(registry, actor, address, lang)[0]


def draw_artwork(
    registry: Registry, actor: Actor, address: RecordAddress, name: str, *, seen: bool = False
) -> ArtworkFile:
    """Return the artwork of a record as a file: `name` is its size and kind, such as `medium.pdf`, `code.svg`.

    `seen`: shown on the page only, which the audit log does not keep. Raises as `get_artwork`; `NotFound` for another size
    or kind, and `Conflict` (`artwork_refused`) where nothing may be printed today.
    """
    require(actor, Action.ACT_FOR)
    size, _dot, kind = name.partition(".")
    chosen = next((each for each in SIZES if each.code == size), None)
    if chosen is None or kind not in KINDS:
        raise NotFound("page", name[:60])
    view, own = _read(registry, actor, address, "zh")
    if view.refusal:
        raise Conflict("artwork_refused")
    if not seen:
        with unit_of_work(registry.engine) as connection:
            audit_log.record(connection, actor, "artwork_downloaded", subject=view.number, details=name)
    content = _content(view, own, chosen)
    body = typesetting.typeset(TEMPLATE, content, cast("typesetting.DocumentKind", kind))
    return ArtworkFile(f"{view.slug}-{chosen.width}x{chosen.height}mm.{kind}", KINDS[kind], body)


def _read(
    registry: Registry, actor: Actor, address: RecordAddress, lang: str
) -> tuple[ArtworkView, OwnRecord]:
    require(actor, Action.ACT_FOR)
    pointer = reading.locate_record(registry, actor, address.register, address.number)
    with read_transaction(registry.engine) as connection:
        own = require_own_record(connection, actor, pointer.record_id)
    marking = _marking_of(own.definition)
    record = reading.get_record(registry, actor, pointer, lang)
    view = ArtworkView(
        register=record.register,
        number=record.number,
        slug=record.slug,
        path=record.path,
        title=record.title,
        status=record.status,
        cautions=record.cautions,
        party=own.party,
        name=marking.name,
        holder=record.holder,
        issuer=record.issuer,
        permalink=record.permalink,
        sizes=SIZES,
        refusal=marking.refusal(own.values, record.status.code, clock.today()),
        official=marking.official,
        rules=marking.rules,
        demo=record.demo,
    )
    return view, own


def _marking_of(definition: RegisterDefinition) -> Marking:
    if definition.marking is None:
        raise NotFound("page", "artwork")
    return definition.marking


def _content(view: ArtworkView, own: OwnRecord, size: ArtworkSize) -> dict[str, Any]:
    """What the template reads: both languages on one label, in whichever language the page was."""
    definition, marking = own.definition, _marking_of(own.definition)
    lines = [("", _names(view.title)), *_fields(definition, marking, own.values), *_parties(view)]
    return {
        "title": f"{view.number} {marking.name.zh}",
        "publisher": gettext(_("Pinzheng"), "zh"),
        "width": size.width,
        "height": size.height,
        "only_code": size.only_code,
        "number": view.number,
        "name_zh": marking.name.zh,
        "name_en": marking.name.en,
        "level": _large(definition, marking.level, own.values),
        "lines": lines[: size.lines],
        "scan": _both(SCAN),
        "demo": _both(DEMO) if view.demo else "",
        "qr": _qr_svg(view.permalink),
        "qr_label": view.permalink,
    }


def _parties(view: ArtworkView) -> list[tuple[str, str]]:
    """Holder and issuer, as they stand in the register."""
    parties = [party for party in (view.holder, view.issuer) if party]
    return [(_both(party.label), _names(party.name)) for party in parties]


def _fields(
    definition: RegisterDefinition, marking: Marking, values: Mapping[str, Any]
) -> list[tuple[str, str]]:
    fields = definition.schema.register_fields()
    found = []
    for name in marking.fields:
        if values.get(name) in (None, "", []):
            continue
        zh, en = (_text(name, fields[name], values, lang) for lang in ("zh", "en"))
        same = zh.replace("、", ", ") == en  # lists of numbers
        found.append((_both(fields[name].info.label), zh if same else f"{zh} {en}"))
    return found


def _large(definition: RegisterDefinition, name: str, values: Mapping[str, Any]) -> str:
    """The level in a few characters, "" where it has none or takes more."""
    if not name or values.get(name) in (None, ""):
        return ""
    written = str(values[name])
    shown = _text(name, definition.schema.register_fields()[name], values, "zh")
    return next((each for each in (shown, written) if len(each) <= LONGEST_LEVEL and "_" not in each), "")


def _text(name: str, field: RegisterField, values: Mapping[str, Any], lang: str) -> str:
    return presentation.field_text(name, field, values, lang)


def _names(name: Words) -> str:
    """A name in Chinese and, where its owner has one, in English."""
    of_owner = name.en and name.en_source in ("official", "enterprise") and name.en != name.zh
    return f"{name.zh} {name.en}" if name.zh and of_owner else name.zh or name.en


def _both(message: str) -> str:
    return f"{gettext(message, 'zh')} {gettext(message, 'en')}"


def _qr_svg(text: str) -> str:
    svg = io.BytesIO()
    segno.make(text, micro=False, error="m").save(svg, kind="svg", border=QUIET_ZONE)
    return svg.getvalue().decode()
