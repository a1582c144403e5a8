"""What the invented firms make: goods with the category, standards, schemes, indicators and looks that belong to each."""

from __future__ import annotations

from registry.kit.demonstration import Indicator, Product, Row, Trade

# Invented standards for goods; their titles say so.
SOFAS, MATTRESSES, BASINS, TAPS = (
    "T/DEMO 0011-2022",
    "T/DEMO 0012-2022",
    "T/DEMO 0013-2022",
    "T/DEMO 0014-2022",
)
WASHING_MACHINES, ROBOTS, BLACK_TEA = "T/DEMO 0015-2022", "T/DEMO 0016-2022", "T/DEMO 0017-2022"
COMPARED = "GB/T 99992-2021"  # the voluntary standard that own standards are compared with

FORMALDEHYDE = Indicator("甲醛释放量", "Formaldehyde emission", "mg/m³", 0.05, "GB/T 17657-2022")
SOLVENTS = Indicator("挥发性有机化合物含量", "Volatile organic compounds", "g/L", 50.0, "GB/T 23986-2009")
FLUSH = Indicator("平均用水量", "Average water use", "L", 5.0, "GB/T 6952-2015")
ABSORPTION = Indicator("吸水率", "Water absorption", "%", 0.5, "GB/T 6952-2015")
FLOW = Indicator("流量", "Flow rate", "L/min", 7.5, "GB/T 18145-2014")
DOWN = Indicator("绒子含量", "Down cluster content", "%", 95.0, "GB/T 14272-2021", is_minimum=True)
NOISE = Indicator("噪声", "Noise", "dB(A)", 40.0, "GB/T 8059-2016")
WASHING_NOISE = Indicator("噪声", "Noise", "dB(A)", 62.0, "GB/T 4288-2018")
CLEANING_NOISE = Indicator("噪声", "Noise", "dB(A)", 68.0, "QB/T 4833-2015")
BRIGHTNESS = Indicator("D65亮度", "D65 brightness", "%", 90.0, "GB/T 7974-2013")
MOISTURE = Indicator("水分", "Moisture", "%", 7.0, "GB 5009.3-2016")

RESPONSE = Indicator("呼叫响应时间", "Call response time", "min", 5.0, "T/DEMO 0001-2024")

WOOD_MOISTURE, LEAD, ENDURANCE, BANNED, SATISFACTION = range(5)  # places in FURTHER_INDICATORS
# One of those that fit a product a record, in turn, so that every comparison can be seen.
FURTHER_INDICATORS: tuple[Row, ...] = (
    {"name_zh": "含水率", "name_en": "Moisture content", "operator": "in", "limit": 8, "limit_to": 12, "value": 9.5,
     "unit": "%", "method": "GB/T 17657-2022"},
    {"name_zh": "重金属（铅）", "name_en": "Heavy metals (lead)", "operator": "<", "limit": 90, "value": 12,
     "unit": "mg/kg", "method": "GB/T 22048-2022"},
    {"name_zh": "耐久性", "name_en": "Endurance", "operator": ">", "limit": 10000, "value": 25000, "unit": "次",
     "method": "T/DEMO 0001-2024"},
    {"name_zh": "检出禁用物质种数", "name_en": "Banned substances found", "operator": "=", "limit": 0, "value": 0,
     "unit": "1", "method": "T/DEMO 0001-2024"},
    {"name_zh": "服务满意率", "name_en": "Satisfaction rate", "operator": ">", "limit": 80, "value": 92, "unit": "%",
     "method": "T/DEMO 0001-2024"},
)  # fmt: skip

FURNITURE_GREEN = ("GB/T 35607-2024", "GB/T 35607-2017")
GENERAL_GREEN = ("GB/T 33761-2024", "GB/T 33761-2017")
ON_WOOD, ON_FURNITURE = (WOOD_MOISTURE, LEAD, ENDURANCE, BANNED), (LEAD, ENDURANCE, BANNED)
LABEL, WATER, ENERGY = ("environmental_label",), ("water_saving",), ("energy_saving", "rohs")
NO_CRACKS, NO_GLAZE_CRACKS, NO_SCRATCHES = "无裂纹", "釉面无裂纹", "外壳无划痕"

TRADES = (
    Trade("家具", "Furniture", "C2110", 20, (
        Product("实木餐桌", "Solid wood dining table", "0701", "9403.60", "QB/T 1951.1-2010", "家具质量分级",
                FURNITURE_GREEN, FORMALDEHYDE, NO_CRACKS, ON_WOOD, LABEL, "1400 mm × 800 mm"),
        Product("布艺沙发", "Fabric sofa", "0702", "9401.61", SOFAS, "家具质量分级",
                FURNITURE_GREEN, FORMALDEHYDE, "面料无破损", ON_FURNITURE, LABEL, "2100 mm × 900 mm"),
        Product("书柜", "Bookcase", "0701", "9403.60", "QB/T 1951.1-2010", "家具质量分级",
                FURNITURE_GREEN, FORMALDEHYDE, NO_CRACKS, ON_WOOD, LABEL, "800 mm × 1900 mm"),
        Product("床垫", "Mattress", "0703", "9404.21", MATTRESSES, "床垫质量分级",
                FURNITURE_GREEN, FORMALDEHYDE, "面料无破损", ON_FURNITURE, LABEL, "1800 mm × 2000 mm"),
    )),
    Trade("涂料", "Coatings", "C2641", 2, (
        Product("内墙乳胶漆", "Interior emulsion paint", "0901", "3209.10", "HJ 2537-2014", "消费品质量分级",
                ("GB/T 35602-2017",), SOLVENTS, "搅拌后无硬块", (LEAD, BANNED), LABEL, "15 L"),
        Product("水性木器漆", "Water-based varnish", "0903", "3209.10", "HJ 2537-2014", "消费品质量分级",
                ("GB/T 35602-2017",), SOLVENTS, "搅拌后无硬块", (LEAD, BANNED), LABEL, "5 L"),
    )),
    Trade("卫浴", "Sanitary Ware", "C3072", 11, (
        Product("智能坐便器", "Smart toilet", "1202", "6910.10", "GB/T 23131-2019", "智能坐便器质量分级",
                ("GB/T 35603-2017",), FLUSH, NO_GLAZE_CRACKS, (ENDURANCE, BANNED), WATER, "680 mm × 390 mm"),
        Product("陶瓷洗面盆", "Ceramic wash basin", "1203", "6910.10", BASINS, "消费品质量分级",
                ("GB/T 35603-2017",), ABSORPTION, NO_GLAZE_CRACKS, (LEAD, BANNED), LABEL, "600 mm × 460 mm"),
        Product("节水水嘴", "Water-saving tap", "1204", "8481.80", TAPS, "水效等级",
                GENERAL_GREEN, FLOW, "镀层无起泡", (ENDURANCE, BANNED), WATER, "DN 15"),
    )),
    Trade("地板", "Flooring", "C2034", 19, (
        Product("强化木地板", "Laminate flooring", "0602", "4411.13", "GB/T 35601-2024", "消费品质量分级",
                ("GB/T 35601-2024", "GB/T 35601-2017"), FORMALDEHYDE, NO_CRACKS, ON_WOOD, LABEL, "1220 mm × 198 mm"),
        Product("实木复合地板", "Engineered flooring", "0603", "4418.75", "GB/T 35601-2024", "消费品质量分级",
                ("GB/T 35601-2024", "GB/T 35601-2017"), FORMALDEHYDE, NO_CRACKS, ON_WOOD, LABEL, "910 mm × 125 mm"),
        Product("胶合板", "Plywood", "0601", "4412.31", "GB/T 35601-2024", "消费品质量分级",
                ("GB/T 35601-2024", "GB/T 35601-2017"), FORMALDEHYDE, NO_CRACKS, ON_WOOD, LABEL, "2440 mm × 1220 mm"),
    )),
    Trade("羽绒", "Down Wear", "C1819", 25, (
        Product("轻薄羽绒服", "Light down jacket", "0406", "6201.40", "GB/T 14272-2021", "羽绒服装质量分级",
                ("GB/T 35611-2017",), DOWN, "无明显钻绒", (LEAD, BANNED), LABEL, "170/92A"),
        Product("儿童羽绒服", "Children's down jacket", "0407", "6201.40", "GB/T 14272-2021", "羽绒服装质量分级",
                ("GB/T 35611-2017",), DOWN, "无明显钻绒", (LEAD, BANNED), LABEL, "130/64"),
    )),
    Trade("电器", "Appliances", "C3851", 11, (
        Product("对开门电冰箱", "Side-by-side fridge", "1301", "8418.10", "GB/T 8059-2016", "家电质量分级",
                GENERAL_GREEN, NOISE, NO_SCRATCHES, (ENDURANCE, BANNED), ENERGY, "520 L"),
        Product("滚筒洗衣机", "Drum washing machine", "1302", "8450.11", WASHING_MACHINES, "家电质量分级",
                GENERAL_GREEN, WASHING_NOISE, NO_SCRATCHES, (ENDURANCE, BANNED), (*ENERGY, "water_saving"), "10 kg"),
        Product("扫地机器人", "Robot cleaner", "1307", "8508.11", ROBOTS, "扫地机器人质量分级",
                GENERAL_GREEN, CLEANING_NOISE, NO_SCRATCHES, (ENDURANCE, BANNED), ENERGY, "350 mm × 96 mm"),
    )),
    Trade("纸业", "Paper", "C2221", 16, (
        Product("复印纸", "Copy paper", "0801", "4802.56", "GB/T 35613-2024", "消费品质量分级",
                ("GB/T 35613-2024", "GB/T 35613-2017"), BRIGHTNESS, "无孔洞", (LEAD, BANNED), ("recycled", *LABEL), "A4"),
        Product("面巾纸", "Facial tissue", "0802", "4818.20", "GB/T 35613-2024", "消费品质量分级",
                ("GB/T 35613-2024", "GB/T 35613-2017"), BRIGHTNESS, "无孔洞", (LEAD, BANNED), LABEL, "190 mm × 133 mm"),
    )),
    Trade("茶业", "Tea", "C1530", 30, (
        Product("龙井绿茶", "Longjing green tea", "0211", "0902", "GB/T 14456.1-2017", "茶叶分等",
                GENERAL_GREEN, MOISTURE, "匀整、无异物", (BANNED,), ("organic",), "100 g"),
        Product("工夫红茶", "Congou black tea", "0211", "0902", BLACK_TEA, "茶叶分等",
                GENERAL_GREEN, MOISTURE, "匀整、无异物", (BANNED,), ("organic",), "250 g"),
    )),
)  # fmt: skip
CARE_TRADE = Trade("养老服务", "Elderly Care", "Q8514", 43, (
    Product("养老照护服务", "Elderly-care service", "", "", "", "养老机构等级", (), RESPONSE, "", (SATISFACTION,)),
))  # fmt: skip
# Trades that only brands have: (category of brands, name and English of the trade, industry, Nice class, products).
BRAND_TRADES = (
    ("food", Trade("糕点", "Pastry", "C1411", 30, (Product("桂花糕", "Osmanthus cake"), Product("绿豆糕", "Mung bean cake")))),
    ("catering", Trade("酒楼", "Restaurant", "H6210", 43, (Product("地方菜", "Local dishes"),))),
    ("drinks", Trade("黄酒", "Rice Wine", "C1514", 33, (Product("黄酒", "Rice wine"),))),
    ("retail", Trade("百货", "Department Store", "F5211", 35, (Product("日用百货零售", "Retail of daily goods"),))),
    ("medicine", Trade("中药", "Chinese Medicine", "C2730", 5, (Product("中药饮片", "Prepared Chinese medicines"),))),
    ("services", Trade("照相", "Photo Studio", "O8060", 41, (Product("人像摄影", "Portrait photography"),))),
    ("crafts", Trade("制扇", "Fan Making", "C2439", 20, (Product("折扇", "Folding fans"),))),
    ("farm_produce", Trade("酱菜", "Pickles", "C1371", 29, (Product("酱菜", "Pickled vegetables"),))),
)  # fmt: skip
# The categories of brands that firms of the other trades belong to; those of no other category are "other".
CATEGORY_OF_TRADE = {"茶业": "drinks", "羽绒": "clothing"}
# Mandatory standards of categories, and since when each is in force.
MANDATORY = {
    "0406": ("GB 18401-2010", "2011-08-01"),
    "0407": ("GB 18401-2010", "2011-08-01"),
    "0601": ("GB 18580-2025", "2026-06-01"),
    "0602": ("GB 18580-2025", "2026-06-01"),
    "0603": ("GB 18580-2025", "2026-06-01"),
    "0901": ("GB 30981.1-2025", "2026-06-01"),
}

# Titles of the standards that are declared to, as the catalogue has them.
TITLES = {
    "QB/T 1951.1-2010": (
        "木家具 质量检验及质量评定",
        "Wooden furniture—Quality inspection and quality evaluation",
    ),
    "HJ 2537-2014": (
        "环境标志产品技术要求 水性涂料",
        "Technical requirement for environmental labelling products—Water based coatings",
    ),
    "GB/T 23131-2019": (
        "家用和类似用途电坐便器便座",
        "Electric toilet seats for household and similar use",
    ),
    "GB/T 35601-2024": (
        "绿色产品评价 人造板和木质地板",
        "Green product assessment—Wood-based panels and wooden flooring",
    ),
    "GB/T 14272-2021": ("羽绒服装", "Down garments"),
    "GB/T 8059-2016": ("家用和类似用途制冷器具", "Household and similar refrigerating appliances"),
    "GB/T 35613-2024": ("绿色产品评价 纸和纸制品", "Green product assessment—Paper and paper products"),
    "GB/T 14456.1-2017": ("绿茶 第1部分：基本要求", "Green tea—Part 1: Basic requirements"),
    "GB 18401-2010": (
        "国家纺织产品基本安全技术规范",
        "National general safety technical code for textile products",
    ),
    "GB 18580-2025": (
        "室内装饰装修材料 人造板及其制品中甲醛释放限量",
        "Indoor decorating and refurbishing materials—Limit of formaldehyde emission of wood-based panels and finishing products",
    ),
    "GB 30981.1-2025": (
        "涂料中有害物质限量 第1部分：建筑涂料",
        "Limit of harmful substances of coatings—Part 1: Architectural coatings",
    ),
    "IEC 60335-1:2020": (
        "家用和类似用途电器的安全 第1部分：通用要求",
        "Household and similar electrical appliances—Safety—Part 1: General requirements",
    ),
    "T/DEMO 0001-2024": (
        "演示产品通用要求（演示）",
        "General requirements for demonstration products (demo)",
    ),
    "T/DEMO 0001-2018": (
        "演示产品通用要求（演示）",
        "General requirements for demonstration products (demo)",
    ),
    "DB33/T 99991-2023": ("演示产品地方要求（演示）", "Local requirements for demonstration products (demo)"),
    "GB/Z 99991-2020": ("演示产品指南（演示）", "Guidance on demonstration products (demo)"),
    COMPARED: ("演示产品性能要求（演示）", "Performance requirements for demonstration products (demo)"),
    SOFAS: ("沙发（演示）", "Sofas (demo)"),
    MATTRESSES: ("床垫（演示）", "Mattresses (demo)"),
    BASINS: ("陶瓷洗面盆（演示）", "Ceramic wash basins (demo)"),
    TAPS: ("水嘴（演示）", "Taps (demo)"),
    WASHING_MACHINES: ("洗衣机（演示）", "Washing machines (demo)"),
    ROBOTS: ("扫地机器人（演示）", "Robot cleaners (demo)"),
    BLACK_TEA: ("工夫红茶（演示）", "Congou black tea (demo)"),
}
