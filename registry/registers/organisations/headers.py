"""Words that sheets of organisations use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import COMPANY, COMPANY_ENGLISH, CREDIT_CODE, REGION

HEADER_WORDS = {
    "uscc": CREDIT_CODE,
    "country": "国家; 国别; 国家地区; 国家/地区; 国籍; 所属国家; 所在国家; 注册国家; 国家代码; Country or region; Country code; Nation",
    "foreign_reg_no": (
        "境外登记号; 境外注册编号; 外国注册号; 国外注册号; 海外注册号; 商业登记号; 公司注册编号; Registration number; Registration no; "
        "Company number; Company registration number; Foreign registration no"
    ),
    "name_zh": COMPANY
    + (
        "; Name; Chinese name; Name in Chinese; 中文名称; 中文名; 名称（中文）; 组织名称; 主体名称; 法人名称; 市场主体名称; 经营主体名称; 全称; "
        "企业中文名称; 公司中文名称"
    ),
    "name_en": COMPANY_ENGLISH + "; 英文名称; 英文名; 外文名称; English name; Name in English",
    "short_name_zh": "企业简称; 公司简称; 单位简称; 中文简称; Short name (Chinese); Abbreviation",
    "region_code": REGION,
    "address": (
        "住所; 注册地址; 经营地址; 通讯地址; 通信地址; 联系地址; 详细地址; 企业地址; 单位地址; 公司地址; 办公地址; 经营场所; 住所（经营场所）; 登记住所; "
        "Registered address; Company address; Street address"
    ),
    "industry_code": "所属行业; 行业代码; 行业类别; 行业分类; 行业名称; 国民经济行业; 国民经济行业代码; 国民经济行业分类; Industry code; Sector",
    "founded_on": (
        "创立日期; 创办日期; 创建日期; 设立日期; 注册日期; 开业日期; 成立年月; 成立年份; 企业成立日期; 公司成立日期; Date founded; Founding date; "
        "Date of establishment; Establishment date; Established; Established on; Incorporated; "
        "Incorporated on; Date of incorporation; Incorporation date; Registration date"
    ),
    "deregistered_on": (
        "注销日; 注销时间; 核准注销日期; 注销核准日期; 登记注销日期; 吊销日期; 企业注销日期; Date of deregistration; Deregistration date; "
        "Date deregistered; Deregistered; Date of dissolution; Dissolved on"
    ),
    "ownership": (
        "所有制形式; 所有制类型; 所有制性质; 企业性质; 企业类型; 单位性质; 公司类型; 经济性质; 经济类型; Ownership type; Type of ownership; "
        "Company type; Enterprise type"
    ),
    "scope": "业务范围; 主营范围; 经营业务范围; Scope; Scope of business",
    "products": "主营产品; 主要产品及服务; 主要产品或服务; 产品; 主营业务; Products; Main products and services; Principal products",
}
