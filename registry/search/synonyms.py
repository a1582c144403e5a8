"""Words that mean the same in both languages, so that an English query finds a record that has only Chinese.

From the glossary of the field; goods and trades as the registers use them. One line a meaning, `/` between
words of one language.
"""

from __future__ import annotations

import functools

from registry.search.analysis import is_chinese, latin, runs

PAIRS = """
time-honoured brand/time-honored brand/old brand/china time-honored brand = 老字号/中华老字号
green product/green products = 绿色产品
green building material = 绿色建材
green food = 绿色食品
organic = 有机
energy saving/energy-saving/energy star = 节能
water saving/water-saving = 节水
low carbon/low-carbon = 低碳
environmental label/environmental labelling = 环境标志
certificate/certification = 证书/认证
grade/grading = 分级/等级
declaration/self-declaration = 自我声明/声明
standard = 标准
national standard = 国家标准
sector standard/industry standard = 行业标准
local standard = 地方标准
association standard/group standard = 团体标准
enterprise standard = 企业标准
mandatory = 强制性
in force/valid = 有效/现行有效
suspended = 暂停
revoked = 撤销
cancelled = 注销
expired = 过期
withdrawn/abolished = 废止
removed = 移出名录
superseded = 被代替
under rectification = 整改
tea = 茶
green tea = 绿茶
black tea = 红茶
rice wine/yellow wine = 黄酒
baijiu/liquor/spirits = 白酒
wine = 酒
vinegar = 醋
soy sauce = 酱油
pickle/pickles = 酱菜
medicine/traditional chinese medicine/pharmacy = 中药/医药/药
restaurant/catering = 餐饮/饭店/饭庄
roast duck/peking duck = 烤鸭
hot pot/hotpot = 火锅
mutton = 羊肉
ham = 火腿
noodles = 面
dumplings = 饺子
mooncake/moon cake = 月饼
pastry/cake/pastries = 糕点
bread = 面包
candy = 糖
biscuit/biscuits = 饼干
food = 食品
rice = 米
edible oil/oil = 油
salt = 盐
beer = 啤酒
milk/dairy = 乳制品/牛奶
seafood = 海鲜
fruit = 水果
vegetable/vegetables = 蔬菜
furniture = 家具
mattress = 床垫
table/dining table = 餐桌/桌
chair = 椅
sofa = 沙发
wardrobe = 衣柜
cabinet = 柜
bed = 床
desk = 书桌
wood/wooden = 木
solid wood = 实木
flooring/floor = 地板
panel/wood-based panel = 人造板
paint/coating/coatings = 涂料
wall paint = 墙面涂料
glass = 玻璃
ceramic/ceramics = 陶瓷
tile/tiles = 陶瓷砖/瓷砖
sanitary ware/sanitary wares = 卫生陶瓷/卫浴
toilet = 坐便器/马桶
toilet seat/smart toilet = 智能坐便
tap/faucet = 水嘴/水龙头
insulation = 绝热
waterproof = 防水
sealant = 密封
cement = 水泥
pipe/pipes = 管
door = 门
window = 窗
textile/textiles = 纺织
fabric = 面料
silk = 丝绸
wool = 羊毛
cotton = 棉
clothing/garment/garments/clothes = 服装
down jacket/down garment/down = 羽绒服/羽绒
shirt = 衬衫
shoes/shoe = 鞋
hat/hats = 帽
towel = 毛巾
knitwear = 针织
paper = 纸
plastic/plastics = 塑料
detergent/detergents = 洗涤
soap = 皂
refrigerator/fridge = 冰箱/电冰箱
washing machine/washer = 洗衣机
air conditioner = 空调
television/tv = 电视
household appliance/appliance = 家用电器/家电
robot cleaner/robot vacuum = 扫地机器人
power bank = 移动电源/充电宝
suitcase/luggage = 旅行箱/箱包
lamp/lighting = 灯/照明
battery = 电池
cable = 电缆
solar water heater = 太阳能热水
watch/clock = 钟表/表
scissors/knife = 剪刀/刀剪
pen/brush = 笔
ink = 墨
book/bookshop = 书店/书
toy/toys = 玩具
jewellery = 珠宝/首饰
silver = 银
photo studio/photography = 照相
barber = 理发
department store = 百货
hotel = 宾馆/酒店
steel = 钢
rubber = 橡胶
cosmetics = 化妆品
cryptography/cipher = 密码
building/construction = 建筑
fire = 防火/消防
design = 设计
company/limited = 公司
group = 集团
bank = 银行
formaldehyde = 甲醛
elderly care = 养老
delisted/struck off/no longer listed = 移出名录
crab = 蟹
drunken = 醉
shrimp/prawn = 虾
fish = 鱼
duck = 鸭
chicken = 鸡
goose = 鹅
pork = 猪肉
spare ribs/ribs = 排骨
beef = 牛肉
sausage = 香肠
bean paste/chili bean paste/broad bean paste = 豆瓣酱/豆瓣
bean curd/tofu = 豆腐
fermented bean curd = 腐乳
sauce = 酱
snake = 蛇
pear = 梨
syrup = 膏/糖浆
ointment/plaster = 膏药
pill/pills = 丸
ginseng = 人参
donkey-hide gelatin/donkey hide gelatin = 阿胶
steamed bun/steamed buns/bun = 包子
spring roll = 春卷
sesame = 芝麻
peanut = 花生
walnut = 核桃
honey = 蜂蜜
glutinous rice = 糯米
rice dumpling/zongzi = 粽子
sesame oil = 香油/麻油
soup = 汤
dessert = 甜品
snack/snacks = 小吃
vegetarian = 素
halal/muslim = 清真
cloth shoes = 布鞋
embroidery = 刺绣
brocade = 锦
fan/fans = 扇
umbrella = 伞
lacquer/lacquerware = 漆
porcelain/chinaware = 瓷/瓷器
teapot = 壶
inkstone = 砚
seal/seals = 印
calligraphy = 书画
incense = 香
cosmetic powder/powder = 粉
glasses/spectacles = 眼镜
kitchen knife = 菜刀
lock/locks = 锁
bicycle/bike = 自行车
sewing machine = 缝纫机
musical instrument = 乐器
drug store/drugstore = 药店/药房
eye drops = 眼药
wash basin/basin = 洗面盆
shower = 淋浴
wall = 墙
brick/bricks = 砖
lacquer paint/varnish = 清漆/漆
adhesive/glue = 胶粘剂
printing paper/copy paper = 复印纸
tissue/tissue paper = 纸巾
diaper/diapers = 纸尿裤
bedding/quilt = 被
pillow = 枕
curtain = 窗帘
carpet/rug = 地毯
sock/socks = 袜
underwear = 内衣
coat = 大衣
suit = 西服
school uniform = 校服
dishwasher = 洗碗机
range hood = 吸油烟机
gas stove/stove = 灶具
water purifier = 净水
air purifier = 空气净化
kettle = 水壶
rice cooker = 电饭锅
motor = 电动机
transformer = 变压器
pump = 水泵
valve = 阀门
boiler = 锅炉
computer = 计算机
printer = 打印机
phone/mobile phone = 手机
car/vehicle = 汽车
tyre = 轮胎
drinking water = 饮用水
food additive/food additives = 食品添加剂
pesticide = 农药
fertilizer/fertiliser = 肥料
packaging = 包装
testing/test = 检验/检测
laboratory = 实验室
limit/limits = 限量
safety = 安全
energy efficiency = 能效
water efficiency = 水效
noise = 噪声
emission/emissions = 排放/释放
carbon footprint = 碳足迹
"""


@functools.cache
def table() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Terms of one language's words → alternatives in the other, each a tuple of terms."""
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for line in PAIRS.strip().splitlines():
        english, chinese = line.split(" = ")
        en = [tuple(latin(run) for run in runs(words)) for words in english.split("/")]
        zh = [(words,) for words in chinese.split("/")]
        for left in en:
            found.setdefault(left, []).extend(zh)
        for right in zh:
            found.setdefault(right, []).extend(en)
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


LONGEST = 4  # words in the longest English entry


def chinese_of(terms: tuple[str, ...]) -> list[str]:
    """Chinese words for English terms."""
    return [words[0] for words in table().get(terms, ()) if is_chinese(words[0])]


def english_of(word: str) -> list[tuple[str, ...]]:
    """English terms for a Chinese word."""
    return [terms for terms in table().get((word,), ()) if not is_chinese(terms[0])]
