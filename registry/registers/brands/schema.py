"""Fields of a time-honoured brand."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.display import Words
from registry.kit.schema import SourcedSchema
from registry.reference.identifiers import certificate_numbers as numbers
from registry.registers.brands import schemes
from registry.registers.brands.eras import EraDate
from registry.registers.brands.headers import HEADER_WORDS
from registry.registers.brands.list_names import ListName
from registry.registers.brands.source_notes import SourceNote

CATEGORIES = CodeList(
    Code("food", "食品制造", "food making", ("食品", "食品加工", "糕点")),
    Code("catering", "餐饮", "restaurants", ("餐饮住宿", "餐饮业")),
    Code("drinks", "酒饮茶", "drinks and tea", ("酒", "茶", "酒、饮料和精制茶", "酒类", "茶叶", "酿酒")),
    Code("retail", "零售", "retail", ("商业", "零售业")),
    Code("medicine", "医药", "medicine", ("中药", "医药业")),
    Code("services", "居民服务", "services", ("服务", "生活服务")),
    Code("crafts", "工艺美术", "arts and crafts", ("工艺", "文化用品")),
    Code("clothing", "纺织服装", "textiles and clothing", ("服装", "鞋帽", "服饰")),
    Code("farm_produce", "农副食品", "processed farm produce", ("农副产品",)),
    Code("other", "其他", "other", ("其它",)),
)

TRADEMARK_STATES = CodeList(
    Code("registered", "已注册", "registered", ("注册", "有效")),
    Code("cancelled", "已撤销", "cancelled", ("撤销", "注销", "已注销")),
    Code("invalidated", "已宣告无效", "declared invalid", ("无效", "宣告无效")),
)

RIGHTS = CodeList(
    Code("trademark_owned", "商标所有", "trademark owned", ("注册商标",)),
    Code("trademark_licensed", "商标许可", "trademark licensed"),
    Code("trade_name", "字号权", "right to the trade name"),
)

REVIEW_RESULTS = CodeList(
    Code("pass", "通过", "passed", ("合格",)),
    Code("conditional", "附条件通过", "passed with conditions"),
    Code("fail", "不通过", "failed"),
)

HERITAGE_LEVELS = CodeList(
    Code("national", "国家级", "national", ("国家",)),
    Code("provincial", "省级", "provincial", ("省",)),
    Code("city", "市级", "city", ("市",)),
    Code("county", "县级", "county", ("县",)),
)

REMOVAL_REASONS = CodeList(
    Code("long_bad_operation", "长期经营不善", "long-term bad operation"),
    Code("bankrupt", "破产", "bankrupt"),
    Code("deregistered", "注销", "deregistered"),
    Code("closed", "倒闭", "closed down", ("停业",)),
    Code("trademark_lost", "丧失注册商标所有权或使用权", "trademark lost", ("丧失商标权",)),
    Code("deceit", "欺骗取得", "obtained by deceit", ("弄虚作假",)),
    Code("review_failed", "复核不通过", "review failed"),
    Code("repeated_infringement", "多次侵权", "repeated infringement"),
    Code("out_of_business", "连续三年未经营", "three years without business"),
    Code("harm_to_consumers", "严重损害消费者权益", "serious harm to consumers"),
    Code("quality_accident", "重大质量安全事故", "serious quality or safety accident", ("严重质量安全事故",)),
    Code("serious_dishonesty", "列入严重失信名单", "on the serious-dishonesty list", ("严重失信",)),
    Code("repeated_suspension", "多次暂停", "repeatedly suspended"),
)

# Figures of an annual report; commercial secrets, and so never public.
FIGURES = CodeList(
    Code("revenue", "营业收入（万元）", "Revenue (10,000 yuan)"),
    Code("profit", "利润（万元）", "Profit (10,000 yuan)"),
    Code("staff", "从业人数", "Staff"),
)
# Kinds of files with an application.
EVIDENCE = CodeList(
    Code("licence", "营业执照", "Business licence"),
    Code("trademark", "商标注册证或字号权证明", "Trademark certificate, or proof of the trade name"),
    Code("founding", "创立时间证明", "Proof of the year of foundation"),
    Code("figures", "经审计的财务报表", "Audited figures"),
    Code("other", "其他证明材料", "Other evidence"),
)


class BrandScheme(f.NormalisedText):
    """A title: its tier and, below the national one, its place."""

    kind = "choice"

    @staticmethod
    def words(value: str) -> Words:
        return schemes.scheme_words(value)


def trademark(label: str) -> f.NormalisedText:
    return f.NormalisedText(
        f.FieldInfo(label),
        f.IdentifierForm(
            normalise=numbers.trademark_number,
            soft_check=lambda value: None if numbers.is_trademark_number(value) else "trademark_form",
            names_record=True,
        ),
    )


class BrandSchema(SourcedSchema):
    header_words = HEADER_WORDS

    scheme = BrandScheme(
        f.FieldInfo(
            _("Title"),
            facet=True,
            search="words",
            help=_("The national title, or a local one by its Chinese name"),
        ),
        f.IdentifierForm(
            normalise=schemes.normalise, soft_check=schemes.check_scheme, offers=schemes.offered
        ),
        required=True,
        max_length=40,
    )
    brand_name_zh = f.text(_("Brand (Chinese)"), max_length=40, search="name")
    brand_name_en = f.text(_("Brand (English)"), max_length=120, search="name")
    pinyin = f.text(_("Hanyu Pinyin"), max_length=120, search="name")
    trad_name = f.text(_("Traditional form"), max_length=40, search="name")
    former_names = f.many(f.text(_("Former and other names"), max_length=60), search="name")
    former_name_years = f.rows(
        _("Years of former names"),
        columns={
            "name": f.text(_("Name"), max_length=60),
            "from_year": f.year(_("From"), minimum=600, maximum=2100),
            "to_year": f.year(_("To"), minimum=600, maximum=2100),
        },
        search="name",
    )
    holder_name_zh = f.text(_("Holder (Chinese)"), max_length=200, min_length=2, search="party")
    holder_name_en = f.text(_("Holder (English)"), max_length=200, search="party")
    holder_uscc = f.credit_code(_("Credit code of the holder"), required=True, search="mention")
    holder_from = f.day(_("Held since"))
    holder_to = f.day(_("Held until"))
    former_holders = f.rows(
        _("Former holders"),
        columns={
            "name_zh": f.text(_("Name"), max_length=200),
            "uscc": f.credit_code(_("Credit code")),
            "held_from": f.day(_("From")),
            "held_to": f.day(_("To")),
            "replaced_on": f.day(_("Replaced here on")),
        },
    )
    region_code = f.region_code(_("Region"), required=True)
    founded_year = f.year(_("Year founded"), minimum=600, maximum=2100)
    founded_circa = f.flag(_("Year is approximate"))
    founded_raw = f.text(_("Founded, as the source writes it"), max_length=60)
    founded_era = EraDate(f.FieldInfo(_("Era"), search="words"), max_length=40)
    founded_region_code = f.region_code(_("Region of foundation"))
    founded_place = f.text(_("Place founded"), max_length=80, search="words")
    business_since = f.year(_("Main business since"), minimum=600, maximum=2100)
    industry_code = f.industry_code(_("Industry"))
    category = f.choice(_("Category"), CATEGORIES, required=True, open_list=True, facet=True, search="words")
    trademarks = f.rows(
        _("Registered trademarks"),
        columns={
            "number": trademark(_("Number")),
            "nice_class": f.integer(_("Nice class"), minimum=1, maximum=45),
            "owner": f.text(_("Owner or licensee"), max_length=200),
            "valid_to": f.day(_("Valid until")),
            "state": f.choice(_("State of the trademark"), TRADEMARK_STATES),
        },
    )
    right_basis = f.choice(_("Right held"), RIGHTS)
    products = f.many(
        f.text(_("Main products, skills, services"), max_length=120), required=True, search="words"
    )
    ich = f.rows(
        _("Intangible heritage"),
        columns={
            "level": f.choice(_("Level"), HERITAGE_LEVELS),
            "code": f.text(_("Item code"), max_length=20),
            "name_zh": f.text(_("Item"), max_length=120),
            "name_en": f.text(_("Item"), max_length=120),
            "year": f.year(_("Year"), minimum=1900, maximum=2200),
        },
    )
    relics = f.text(_("Movable relics"), max_length=300)
    batch = f.integer(_("Batch"), minimum=1)
    plaque_no = f.text(_("Plaque number"), max_length=60, search="code")
    batch_document = f.text(_("Document of the batch"), max_length=200, search="mention")
    recognised_on = f.day(_("Recognised"))
    review = f.rows(
        _("Reviews"),
        columns={
            "year": f.year(_("Year"), minimum=2000, maximum=2200),
            "result": f.choice(_("Result"), REVIEW_RESULTS),
            "deadline": f.day(_("Deadline")),
        },
    )
    annual_reports = f.many(f.year(_("Annual reports submitted"), minimum=2000, maximum=2200))
    story_zh = f.long_text(_("Story (Chinese)"), max_length=3000, search="words")
    story_en = f.long_text(_("Story (English)"), max_length=3000, search="words")
    promoted_from = f.text(_("Promoted from"), max_length=40, search="mention")
    objections_until = f.day(_("Open for objections until"))
    rectify_until = f.day(_("Rectify until"))
    decided_on = f.day(_("Decided on"))
    status_reason = f.text(_("Reason of the status"), max_length=300, search="words")
    removed_reason = f.choice(_("Reason of removal"), REMOVAL_REASONS, search="words")
    list_name = ListName(f.FieldInfo(_("List"), search="words"), max_length=200)
    notice_date = f.day(_("Date of the notice"))
    published_evidence = f.rows(
        _("Evidence that the holder made public"),
        columns={
            "kind": f.choice(_("Kind of evidence"), EVIDENCE),
            "name": f.text(_("File"), max_length=200),
            "sha256": f.text(_("Hash of the file (SHA-256)"), max_length=64),
        },
    )
    source_note = SourceNote(f.FieldInfo(_("Note of the source")), max_length=2000)
