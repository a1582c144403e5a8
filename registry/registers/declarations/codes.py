"""Enumerations of declarations."""

from __future__ import annotations

from registry.kit.codes import Code, CodeList

PRODUCTION_MODES = CodeList(
    Code("own", "自产", "own production", ("自行生产",)),
    Code("commissioned", "委托加工", "commissioned production"),
    Code("import_agent", "进口代理", "import agent"),
)

CHANNELS = CodeList(
    Code("register", "本平台", "this register", ("平台",)),
    Code("other", "其他", "another channel", ("其他渠道",)),
)

STATE_KINDS = frozenset({"national_mandatory", "national_voluntary", "national_guidance", "sector", "local"})
# A state standard that ended: how long its declarers have to update.
UPDATE_DAYS = 30
MISFILED_HOURS = 24
