"""Enumerations of declarations."""

from __future__ import annotations

import datetime as dt

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

# What every enterprise commits to; the law asks for truth and lawfulness and leaves the words to the register.
COMMITMENTS = CodeList(
    Code(
        "true_accurate_lawful",
        "本单位承诺：所声明公开的标准信息真实、准确、合法；提供的产品和服务符合所公开的标准；对标准内容和实施后果承担责任。",
        "We commit ourselves: what we declare about the standard is true, accurate and lawful; our products and services "
        "meet the standard disclosed; we answer for the content of the standard and for what follows from its use.",
        (
            "true",
            "yes",
            "是",
            "承诺",
            "我承诺",
            "we commit",
            "本单位承诺所公开的信息真实、准确、合法。",
            "承诺声明内容真实、准确、合法。",
        ),
    ),
)

# Why an enterprise amends; each is the reason of an entry.
AMENDMENTS = CodeList(
    Code("amended_indicators", "指标调整", "Indicators changed"),
    Code("amended_models", "型号或规格增减", "Models or specifications added or removed"),
    Code("amended_standard_text", "标准修改单", "The standard itself was amended"),
    Code("amended_production", "生产方式或受托方变更", "Way of production or parties to it changed"),
    Code("amended_mistake", "更正填报差错", "Mistake in the filing corrected"),
    Code("amended_on_request", "按监管部门要求修改", "Changed at the request of the authority"),
    Code("amended_otherwise", "其他原因", "Another reason"),
)

STATE_KINDS = frozenset({"national_mandatory", "national_voluntary", "national_guidance", "sector", "local"})
RETRACTION_PERIOD = dt.timedelta(hours=24)
UPDATE_PERIOD = dt.timedelta(
    days=30
)  # within which a declaration follows the end of its standard; ours, no law names it
ORDERED_STATES = ("correction_ordered", "publicised")  # an order to correct stands
