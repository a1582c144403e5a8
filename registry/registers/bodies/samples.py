"""An invented body that exercises every field."""

from __future__ import annotations

SAMPLES = (
    {
        "approval_no": "CNCA-R-2099-101",
        "name_zh": "青衡认证（演示）有限公司",
        "name_en": "Qingheng Certification (demo) Ltd",
        "kind": "认证机构",
        "uscc": "91110100MADEM01XXB",
        "region_code": "110000",
        "scope": "绿色产品、绿色建材、节能、节水、环境标志、低碳、有机、有害物质限制使用、再生、质量分级（演示）",
        "cma_no": "990000000001",
        "cnas_no": "CNAS C999",
        "website": "https://demo.example/",
        "valid_from": "2019-01-01",
        "valid_to": "2099-12-31",
        "sanctions": [
            {
                "kind": "暂停",
                "from_on": "2019-02-01",
                "to_on": "2019-04-30",
                "decision": "演示〔2019〕3号",
                "reason_zh": "未按规则实施获证后监督（演示）",
                "reason_en": "Surveillance not carried out as the rules ask (demo)",
            }
        ],
        "demo": "true",
        "status": "valid",
    },
)
