"""Why staff look at what is confidential, and what there is to look at; both are what the public count is made of."""

from __future__ import annotations

from registry.kit.codes import Code, CodeList

MAX_WORDS = 200  # characters of the words of a reason
MIN_WORDS = 5

# 个人信息保护法 (2021), Arts. 6, 34 and 51: within the duty, for a stated purpose, and only what it needs.
LOOK_REASONS = CodeList(
    Code("deciding", "办理本事项", "To decide or answer this case"),
    Code("contact", "联系当事人", "To get in touch with the person"),
    Code("asked", "应当事人本人请求", "The person concerned has asked for it"),
    Code("supervision", "监督检查或审计", "Supervision or audit"),
    Code("authority", "有权机关依法调取", "Lawful request of a court or another authority"),
    Code("other", "其他", "Another reason"),
)
SPEAKS_FOR_ITSELF = frozenset(
    {"deciding"}
)  # the case says what it was needed for; every other reason needs words

# What is looked at. The audit log has each look as the act `<code>_seen`.
LOOKS = CodeList(
    Code("evidence", "申请材料", "Files of applications"),
    Code("entry_file", "新记录的附件", "Files of new records"),
    Code("proof", "认领证明文件", "Documents that prove a claim"),
    Code("decision_file", "决定所依据的文件", "Files of decisions"),
    Code("report_file", "举报和异议的附件", "Files of reports and objections"),
    Code("private_text", "未公开的标准全文", "Full texts that are not public"),
    Code("figures", "年度报告的经营数据", "Figures of annual reports"),
    Code("claimant", "认领人的姓名和联系方式", "Names and addresses of people who claim an organisation"),
    Code("signer", "申请签署人的姓名", "Names of people who signed an application"),
    Code("reporter", "举报人的联系方式", "Addresses of people who reported something"),
    Code("account", "账户的姓名和联系方式", "Names and addresses of accounts in the audit log"),
)
