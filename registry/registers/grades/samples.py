"""Invented results that exercise every field."""

from __future__ import annotations

SAMPLES = (
    {
        "result_no": "DEMO-ZLFJ-2026-000101",
        "scheme": "家具质量分级",
        "subject_type": "产品",
        "org_uscc": "91330100MAWY010175",
        "org_name_zh": "杭州青屿家具有限公司（演示）",
        "org_name_en": "Hangzhou Qingyu Furniture Co., Ltd. (demo)",
        "region_code": "330100",
        "product_name_zh": "实木餐桌",
        "product_name_en": "Solid wood dining table",
        "models": "QY-350|QY-242A",
        "grade": "AAAA",
        "grade_claimed": "AAA",
        "grade_before": "AAAAA",
        "grader_approval_no": "CNCA-R-2099-101",
        "grader_name_zh": "青衡认证（演示）有限公司",
        "standard_edition": "GB/T 44211-2024",
        "qualified": "是",
        "conformity_report": "DEMO-R-2026-0011",
        "overall_rule": "min",
        "indicators": [
            {
                "name_zh": "甲醛释放量",
                "name_en": "Formaldehyde emission",
                "operator": "<=",
                "limit": 0.05,
                "value": 0.02,
                "unit": "mg/m³",
                "thresholds": "AAAAA ≤ 0.01; AAAA ≤ 0.03; AAA ≤ 0.05",
                "level": "AAAA",
                "weight": 1,
                "method": "GB/T 17657-2022",
            }
        ],
        "level_thresholds": [
            {
                "level": level,
                "name_zh": "甲醛释放量",
                "name_en": "Formaldehyde emission",
                "operator": "<=",
                "limit": limit,
                "unit": "mg/m³",
            }
            for level, limit in (("AAAAA", 0.01), ("AAAA", 0.03), ("AAA", 0.05))
        ],
        "evidence": [
            {
                "type": "检验报告",
                "number": "DEMO-R-2026-0012",
                "date": "2025-12-20",
                "valid_to": "2027-12-19",
            }
        ],
        "graded_on": "2026-01-28",
        "valid_to": "2027-01-27",
        "mark_download": "2026-02-03",
        "objections_until": "2026-02-02",
        "complaints": [
            {
                "received_on": "2026-03-01",
                "about": "甲醛释放量（演示）",
                "finding": "异议成立，降一级（演示）",
                "answered_on": "2026-05-05",
            }
        ],
        "status_reason": "核查后降一级",
        "decided_on": "2026-05-05",
        "supersedes": "DEMO-ZLFJ-2025-000101",
        "demo": "true",
        "status": "downgraded",
    },
    {
        "result_no": "DEMO-ZLFJ-2026-000102",
        "scheme": "养老机构等级",
        "subject_type": "机构",
        "org_uscc": "91330100MAWY02028G",
        "org_name_zh": "杭州青屿养老服务有限公司（演示）",
        "product_name_zh": "养老照护服务",
        "service_site": "杭州市演示路1号（演示）",
        "grade": "五级",
        "grader_approval_no": "CNCA-R-2099-103",
        "graded_on": "2026-02-01",
        "valid_to": "2029-01-31",
        "demo": "true",
        "status": "valid",
    },
)
