"""The families of numbers that people meet on packets and papers: their forms, who keeps them, where to look them up.

A family says what a number looks like, never that it is genuine. Sources: 食品生产许可管理办法 (SC), 强制性产品认证管理规定 (CCC),
绿色食品标志管理办法 (LB, GF), 有机产品认证管理办法, 工业产品生产许可证管理条例 (XK), 药品注册管理办法, 互联网信息服务管理办法 (ICP),
GB/T 11714, GB 32100-2015, GS1 General Specifications; addresses are those of the keepers' public look-ups.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from registry.reference.code_lists import platforms


@dataclass(frozen=True, slots=True)
class NumberFamily:
    """A family of numbers. `name` and `keeper` in Chinese and English; `platform`: where they can be looked up, by its code
    in `code_lists.platforms`.

    `form`: of the number in upper case and half width, without blanks; "" where it has none of its own and is known by the
    `words` beside it only. `platform` is "" where there is no one place to ask.
    """

    code: str
    name_zh: str
    name_en: str
    keeper_zh: str
    keeper_en: str
    platform: str
    form: str = ""
    words: tuple[str, ...] = ()

    @property
    def look_up(self) -> str:
        """The address of the keeper's public look-up, "" where there is none."""
        return platforms.platform(self.platform).address if self.platform else ""


# Where certificates and standards can be looked up, by any body, and where fakes on sale are reported (12315).
NATIONAL_LOOK_UPS = ("certificates", "standards")
REPORT_AT = "complaints"

CNCA = ("国家认证认可监督管理委员会", "Certification and Accreditation Administration (CNCA)")
SAMR = ("国家市场监督管理总局", "State Administration for Market Regulation (SAMR)")
CNIPA = ("国家知识产权局", "China National Intellectual Property Administration (CNIPA)")
NMPA = ("国家药品监督管理局", "National Medical Products Administration (NMPA)")
MARA = ("农业农村部", "Ministry of Agriculture and Rural Affairs")

# In order of precedence: a number of 16 digits that begins with a year is a CCC certificate first of all.
FAMILIES: tuple[NumberFamily, ...] = (
    NumberFamily(
        "demo", "演示编号", "demonstration number", "本平台", "this register", "",
        r"DEMO-[A-Z]{2,8}-[0-9]{4}-[0-9]{3,8}",
    ),
    NumberFamily(
        "ccc", "强制性产品认证（CCC）证书编号", "China Compulsory Certification (CCC) certificate", *CNCA, "certificates",
        r"(?:19|20)[0-9]{14}", ("CCC", "3C", "强制性产品认证", "强制认证"),
    ),
    NumberFamily(
        "food_licence", "食品生产许可证编号", "food production licence", *SAMR, "food_licences",
        r"SC[0-9]{14}", ("食品生产许可", "生产许可证编号"),
    ),
    NumberFamily(
        "food_trade_licence", "食品经营许可证编号", "food trade licence", *SAMR, "market_regulation",
        r"JY[123][0-9]{13}", ("食品经营许可",),
    ),
    NumberFamily(
        "food_quality_safety", "食品生产许可旧编号（QS，已停用）", "former food production licence (QS, no longer in use)",
        *SAMR, "market_regulation", r"QS[0-9]{12}",
    ),
    NumberFamily(
        "green_food", "绿色食品标志许可编号", "green food label number", "中国绿色食品发展中心",
        "China Green Food Development Centre", "green_food",
        r"LB-?[0-9]{2}-?[0-9]{10,12}A{0,2}|GF[0-9]{12}", ("绿色食品",),
    ),
    NumberFamily(
        "organic", "有机产品认证证书编号", "organic product certificate", *CNCA, "organic_products",
        r"(?:[0-9]{3,4}|F[0-9]{2})OP[0-9]{7}(?:-[0-9]{1,3})?", ("有机产品", "有机认证"),
    ),
    NumberFamily(
        "organic_code", "有机码", "organic code on the packet", *CNCA, "organic_products", r"[0-9]{17}", ("有机码",),
    ),
    NumberFamily(
        "cqc", "中国质量认证中心（CQC）自愿性认证证书编号", "voluntary certificate of China Quality Certification Centre (CQC)",
        "中国质量认证中心", "China Quality Certification Centre (CQC)", "voluntary_certificates",
        r"CQC[0-9]{11,16}",
    ),
    NumberFamily(
        "environmental_label", "中国环境标志认证证书编号", "China Environmental Labelling certificate",
        "中环联合（北京）认证中心", "China Environmental United Certification Center", "certificates",
        r"CEC[0-9]{4}[A-Z]{2,4}[0-9]{6,11}", ("环境标志", "十环"),
    ),
    NumberFamily(
        "management_system", "管理体系认证证书编号", "management system certificate", *CNCA, "certificates",
        r"[0-9]{3}[0-9]{2}(?:Q|E|S|F|H|IS|IP|EN|EC|QJ)[A-Z0-9]{3,8}R[0-9][SML](?:[/-][0-9A-Z]{1,8})?", ("管理体系",),
    ),
    NumberFamily(
        "certification_body", "认证机构批准号", "approval number of a certification body", *CNCA, "certificates",
        r"CNCA-?RF?-?[0-9]{4}-?[0-9]{2,4}",
    ),
    NumberFamily(
        "cnas", "CNAS 认可证书编号", "CNAS accreditation", "中国合格评定国家认可委员会",
        "China National Accreditation Service (CNAS)", "accreditation",
        r"CNAS(?:L|IB|C|P|PT|RM|BL|MT)?[0-9]{3,5}(?:-[A-Z0-9]{1,4})?", ("CNAS",),
    ),
    NumberFamily(
        "industrial_licence", "工业产品生产许可证编号", "industrial production licence", *SAMR, "market_regulation",
        r"XK[0-9]{2}-?[0-9]{3}-?[0-9]{5}", ("工业产品生产许可",),
    ),
    NumberFamily(
        "special_equipment", "特种设备许可证编号", "special equipment licence", *SAMR, "market_regulation",
        r"TS[0-9]{4}[0-9A-Z]{3,4}-20[0-9]{2}",
    ),
    NumberFamily(
        "icp", "ICP 备案号", "ICP filing of a website", "工业和信息化部", "Ministry of Industry and Information Technology",
        "websites", r"[\u4e00-\u9fff]ICP(?:备|证)?[0-9]{6,10}号?(?:-[0-9]{1,4}[A-Z]?)?", ("ICP",),
    ),
    NumberFamily(
        "public_security_filing", "公安联网备案号", "public security filing of a website", "公安部",
        "Ministry of Public Security", "websites_police", r"[\u4e00-\u9fff]公网安备[0-9]{14}号?", ("公网安备",),
    ),
    NumberFamily(
        "patent", "专利号", "patent", *CNIPA, "patents",
        r"(?:ZL?|CN)(?:19|20)[0-9]{10}\.?[0-9X]|(?:19|20)[0-9]{10}\.[0-9X]|ZL(?:8|9)[0-9]{7}\.?[0-9X]|CN[0-9]{7,9}[A-CSUY][0-9]?", ("专利",),
    ),
    NumberFamily(
        "drug", "药品批准文号", "drug approval", *NMPA, "medical_products",
        r"国药准字[HZSBJTFC]{1,2}[0-9]{8}|国药准字[HZS]C20[0-9]{6}", ("国药准字",),
    ),
    NumberFamily(
        "medical_device", "医疗器械注册证编号", "medical device registration", *NMPA, "medical_products",
        r"[\u4e00-\u9fff]{1,2}械(?:注[准进许]|备)(?:20)?[0-9]{8,11}号?", ("医疗器械",),
    ),
    NumberFamily(
        "cosmetics", "化妆品注册或备案号", "registration or filing of a cosmetic", *NMPA, "medical_products",
        r"国妆(?:特[字进制]|备[字进制]|网备[字进制])[\u4e00-\u9fff()A-Z]{0,6}[0-9]{8,12}|[\u4e00-\u9fff]G?妆网备字[0-9]{10}", ("化妆品", "妆字"),
    ),
    NumberFamily(
        "health_food", "保健食品批准文号", "health food approval", *SAMR, "market_regulation",
        r"(?:国食健[注备字]|卫食健字|食健备)[A-Z]?(?:\(?[0-9]{4}\)?)?第?[0-9]{4,12}号?", ("保健食品", "国食健"),
    ),
    NumberFamily(
        "pesticide", "农药登记证号", "pesticide registration", *MARA, "pesticides",
        r"(?:PD|WP|LS|WL)N?(?:19|20)[0-9]{6}(?:F[0-9]{2,6})?", ("农药登记",),
    ),
    NumberFamily(
        "geographical_indication", "地理标志登记号", "geographical indication", *CNIPA, "geographical_indications",
        r"AGI[0-9]{4,5}|AGI(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{5}", ("地理标志",),
    ),
    NumberFamily(
        "radio_equipment", "无线电发射设备型号核准代码", "type approval of radio equipment", "工业和信息化部",
        "Ministry of Industry and Information Technology", "industry_ministry",
        r"CMIIT-?ID:?[0-9]{4}[A-Z]{2}[0-9]{4,6}|20[0-9]{2}[A-Z]{2}[0-9]{4,5}", ("CMIIT", "型号核准"),
    ),
    NumberFamily(
        "energy_label", "能源效率标识备案号", "energy label filing", "中国标准化研究院能效标识管理中心",
        "China Energy Label Centre", "energy_label", "", ("能效标识", "能源效率标识"),
    ),
    NumberFamily(
        "energy_star", "能源之星认证编号", "ENERGY STAR certificate", "美国环境保护署",
        "United States Environmental Protection Agency (EPA)", "energy_star", "",
        ("ENERGY STAR", "能源之星"),
    ),
    NumberFamily(
        "eu_ecolabel", "欧盟生态标签许可号", "EU Ecolabel licence", "欧盟委员会", "European Commission",
        "eu_ecolabel", r"(?:EU[ _-]?ECOLABEL:?)?[A-Z]{2}/[0-9]{3}/[0-9]{3}",
    ),
    NumberFamily(
        "cma", "检验检测机构资质认定（CMA）证书编号", "CMA number of a testing body", *CNCA, "testing_bodies",
        r"(?:CMA)?[0-9]{12}", ("CMA", "资质认定"),
    ),
    NumberFamily(
        "trademark", "商标注册号", "trademark registration", *CNIPA, "trademarks",
        r"第[0-9]{1,9}[A-Z]?号|[0-9]{6,9}[A-Z]?|G[0-9]{6,7}[A-Z]?", ("商标", "TRADEMARK", "TRADE MARK"),
    ),
)  # fmt: skip

# Kinds of numbers with records here, of which the register never has all: what to say of one that is not among them.
KEPT_IN_PART: tuple[NumberFamily, ...] = (
    NumberFamily(
        "credit_code", "统一社会信用代码", "unified social credit code", *SAMR, "enterprises",
    ),
    NumberFamily(
        "organisation_code", "组织机构代码", "organisation code", "全国组织机构统一社会信用代码数据服务中心",
        "National Data Service Centre for Unified Social Credit Codes", "organisation_codes",
    ),
    NumberFamily(
        "barcode", "商品条码（GTIN）", "barcode (GTIN)", "中国物品编码中心", "GS1 China", "barcodes",
    ),
    NumberFamily(
        "national_standard", "国家标准编号", "number of a national standard", "国家标准化管理委员会",
        "Standardization Administration of China", "national_standards",
    ),
    NumberFamily(
        "sector_standard", "行业标准编号", "number of a sector standard", "国家标准化管理委员会",
        "Standardization Administration of China", "sector_standards",
    ),
    NumberFamily(
        "local_standard", "地方标准编号", "number of a local standard", "国家标准化管理委员会",
        "Standardization Administration of China", "local_standards",
    ),
    NumberFamily(
        "association_standard", "团体标准编号", "number of an association standard", "全国团体标准信息平台",
        "National platform for association standards", "association_standards",
    ),
    NumberFamily(
        "enterprise_standard", "企业标准编号", "number of an enterprise's own standard", "企业标准信息公共服务平台",
        "National platform for enterprise standards", "enterprise_standards",
    ),
    NumberFamily(
        "foreign_standard", "国际或国外标准编号", "number of an international or foreign standard", "发布该标准的机构",
        "the body that published it", "foreign_standards",
    ),
    NumberFamily("resident_id", "公民身份号码", "resident identity number", "", "", ""),
    NumberFamily(
        "other", "其他机构的编号", "number of another body", "颁发该编号的机构", "the body that issued it", "certificates",
    ),
)  # fmt: skip
OTHER = "other"
STANDARD_FAMILIES = {
    "national_mandatory": "national_standard",
    "national_voluntary": "national_standard",
    "national_guidance": "national_standard",
    "sector": "sector_standard",
    "local": "local_standard",
    "association": "association_standard",
    "enterprise": "enterprise_standard",
    "international": "foreign_standard",
}
# Forms that many other numbers have too: taken only where nothing else fits.
WEAK = ("cma", "trademark", "radio_equipment", "environmental_label")
_BY_CODE = {each.code: each for each in (*FAMILIES, *KEPT_IN_PART)}


def family(code: str) -> NumberFamily:
    """The family of a code. Raises `KeyError`."""
    return _BY_CODE[code]


def family_by_form(plain: str) -> NumberFamily | None:
    """The first family whose form a number has: in upper case, half width and without blanks."""
    match = _forms().fullmatch(plain)
    return _BY_CODE[match.lastgroup] if match and match.lastgroup else None


def family_in_text(plain: str) -> tuple[NumberFamily, str] | None:
    """The first number in a text whose form has Chinese signs in it (`京ICP备12345678号`), with its family: words may stand
    right beside it. The text is in upper case, half width and without blanks."""
    match = _forms_with_chinese().search(plain)
    return (_BY_CODE[match.lastgroup], match[0]) if match and match.lastgroup else None


def family_by_words(plain: str) -> NumberFamily | None:
    """The first family that a label names (`商标注册号：`), in upper case."""
    return (
        next((each for each in FAMILIES if any(word in plain for word in each.words)), None)
        if plain
        else None
    )


@functools.cache
def _forms_with_chinese() -> re.Pattern[str]:
    """The forms of the families whose numbers have Chinese signs in them, as one pattern."""
    forms = [
        each
        for each in FAMILIES
        if re.search(r"[\u4e00-\u9fff]|u4e00", each.form) and each.code != "trademark"
    ]
    return re.compile("|".join(f"(?P<{each.code}>{each.form})" for each in forms), re.ASCII)


@functools.cache
def _forms() -> re.Pattern[str]:
    """The forms of all families as one pattern, in order of precedence."""
    return re.compile("|".join(f"(?P<{each.code}>{each.form})" for each in FAMILIES if each.form), re.ASCII)
