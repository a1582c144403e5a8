"""Words for the headers of sheets that several registers share. A word ends at a semicolon.

They are the words that offices and firms use in the sheets they send; names and labels of fields are known without them.
"""

from __future__ import annotations

CREDIT_CODE = (
    "信用代码; 社会信用代码; 统一信用代码; 社会统一信用代码; 统一社会信用代码证号; 企业信用代码; 企业统一社会信用代码; 单位统一社会信用代码; 公司统一社会信用代码; 法人统一社会信用代码; "
    "机构统一社会信用代码; 组织统一社会信用代码; 统一社会信用代码/组织机构代码; 纳税人识别号; 税号; Credit code; Social credit code; USCC; USCI; "
    "Unified social credit identifier"
)
REGION = (
    "所属地区; 地区代码; 地区名称; 行政区划; 行政区划代码; 区划代码; 区域; 所属区域; 省市; 省份; 省（区、市）; 所在地; 所属地; 属地; 地域; 注册地区; Region code; "
    "Region name; Area; Location; Province; Administrative division"
)
COMPANY = (
    "企业名称; 单位名称; 公司名称; 企业; 单位; 公司; 企业全称; 单位全称; 公司全称; Company; Company name; Enterprise; Enterprise name; "
    "Organisation; Organisation name; Organization; Organization name"
)
COMPANY_ENGLISH = (
    "企业英文名称; 企业英文名; 公司英文名称; 单位英文名称; Company name in English; Company name (English); English company name; "
    "English name of the enterprise"
)
VALID_UNTIL = (
    "有效期止; 有效期截止; 有效期截止日期; 有效期止日期; 有效期结束日期; 有效截止日期; 截止日期; 到期日期; 失效日期; 证书有效期至; 证书到期日期; 证书有效期截止日期; Valid to; "
    "Valid till; Valid through; Expiry date; Expiry; Expires; Expires on; Expiration date; End date"
)
DECISION_DAY = "决定时间; 处理日期; 决定作出日期; Decision date; Date of decision; Decided"
REASON = "原因; 状态说明; 处理原因; 变更原因; Reason; Status reason"
OBJECTIONS_UNTIL = "公示截止; 公示期至; 公示结束日期; 公示期截止日期; 异议截止日期; Objections until; Objection deadline; End of the notice period"
PRODUCT = (
    "产品名称; 产品; 服务名称; 产品名; 产品中文名称; 产品（服务）名称; 产品/服务名称; 商品名称; 品名; Product; Product name; "
    "Product name (Chinese); Product or service; Service; Service name"
)
PRODUCT_ENGLISH = (
    "产品英文名称; 产品英文名; 英文名称; 产品名称英文; English name; English product name; Product name (English); "
    "Product name in English"
)
MODELS = (
    "型号; 产品型号; 型号规格; 产品规格型号; 产品型号规格; 规格/型号; 型号/规格; 型号及规格; Model; Model number; Model numbers; Model no; "
    "Product model; Model name"
)
BARCODES = "商品条码; 商品条形码; 条形码; 条码; 产品条码; 产品条形码; GTIN; GTINs; Barcode; Barcodes; Bar code; EAN; EAN code"
# Of the fields that every register has.
ORIGIN = {
    "en_source": "英文译名来源; 译名来源; English source",
    "en_sources": "英文译名分项来源; English sources",
    "legal_basis": "法律依据; 政策依据; 文件依据; 法规依据; Basis in law; Legal ground",
    "source": "数据来源; 信息来源; 资料来源; 出处; Data source",
    "source_url": "来源链接; 来源地址; 原文链接; 原文网址; 数据来源网址; 数据来源链接; Source link; Source address",
    "source_date": "来源时间; 数据日期; 资料日期; 数据来源日期; Data date",
    "other_sources": "其他出处; 其他数据来源; 其它来源; Further sources",
    "field_sources": "分项来源; 各项来源; Sources by field",
    "source_status": "来源状态; 原始状态; Original status",
    "former_numbers": "曾用号; 原用编号; 合并前编号; Former number; Earlier numbers",
    "demo": "演示; 是否演示; 是否演示数据; 示例数据; Demonstration; Sample data",
}
