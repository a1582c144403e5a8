"""The bilingual lexicon: keys of English, entries of the dictionary, relations of words, and what comes with the registry."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from registry.reference.lexicon import (
    aliases,
    cedict,
    endings,
    english,
    make,
    published_lists,
    table,
    wordnet,
)

CEDICT = """# CC-CEDICT
#! date=2023-11-07T06:42:16Z
冰箱 冰箱 [bing1 xiang1] /refrigerator/(old) icebox/
雪櫃 雪柜 [xue3 gui4] /icebox/refrigerator (Hong Kong usage)/
燒賣 烧卖 [shao1 mai4] /shumai (shao mai) steamed dumpling/also written 燒麥|烧麦[shao1 mai4]/
扇子 扇子 [shan4 zi5] /fan/CL:把[ba3]/
扇 扇 [shan4] /fan/sliding, hinged or detachable flat part of sth/CL:把[ba3]/
理髮 理发 [li3 fa4] /to get a haircut/to have one's hair done/
王 王 [Wang2] /surname Wang/
長沙 长沙 [Chang2 sha1] /Changsha, prefecture-level city and capital of Hunan province/
畫蛇添足 画蛇添足 [hua4 she2 tian1 zu2] /lit. draw legs on a snake (idiom)/
綠茶 绿茶 [lu:4 cha2] /green tea/(slang) (of a girl) seemingly innocent/
快樂 快乐 [kuai4 le4] /happiness; merry/
个 个 [ge4] /classifier for people or objects in general/
""".splitlines()

DATA = """  1 This software and database is being provided to you
00000001 06 n 02 refrigerator 0 icebox 0 001 @ 00000003 n 0000 | white goods
00000002 06 n 01 fan 0 000 | a device
00000003 06 n 02 white_goods 0 appliance 0 002 ~ 00000001 n 0000 ~ 00000004 n 0000 | large appliances
00000004 06 n 01 dishwasher 0 001 @ 00000003 n 0000 | a machine
00000005 12 n 01 happiness 0 000 | a feeling
00000006 13 n 01 tea 0 000 | a drink
00000007 18 n 01 baker 0 000 | someone who bakes
"""
INDEX = """  1 This software
refrigerator n 1 1 @ 1 1 00000001
icebox n 1 1 @ 1 1 00000001
fan n 1 0 1 1 00000002
white_goods n 1 1 ~ 1 0 00000003
appliance n 1 1 ~ 1 0 00000003
dishwasher n 1 1 @ 1 0 00000004
happiness n 1 0 1 1 00000005
tea n 1 0 1 1 00000006
baker n 1 0 1 1 00000007
"""


# One article a line; what stands behind the first line of the second source is left out.
ALIASES = """物理 物质世界 Nature
冰箱 電冰箱 冰柜 fridge
绿茶 碧绿茶 绿茶 薣茶
一 二
人 士 人物 人士 人氏 人选
冰箱 冷箱
"""


def goods(*kinds: tuple[str, str | None, str]) -> object:
    """A list of kinds of goods: (code, code above, name)."""
    return {
        "verticals": [
            {"categories": [dict(zip(("id", "parent_id", "name"), kind, strict=True)) for kind in kinds]}
        ]
    }


def presets(language: str, **names: str) -> object:
    """A list of shops and services: key → name, further names behind it, one a line; behind a colon what it is found by."""
    each = {}
    for key, text in names.items():
        name, _colon, terms = text.partition(":")
        each[key.replace("_", "/", 1)] = {
            **dict(zip(("name", "aliases"), name.split("\n", 1), strict=False)),
            "terms": terms,
        }
    return {language: {"presets": {"presets": each}}}


LISTS = {
    "goods.en": goods(
        ("a", None, "Cooling Appliances"), ("a-1", "a", "Fan"), ("a-2", "a", "Wine Coolers"), ("a-3", "a", "Ice Makers & Crushers"),
        ("b", None, "Cases"), ("b-1", "b", "Cases"), ("b-2", "b", "Cases"), ("c", None, "Gazebos, Pergolas & Trellises"),
    ),
    "goods.zh-CN": goods(
        ("a", None, "制冷电器"), ("a-1", "a", "电风扇"), ("a-2", "a", "酒柜"), ("a-3", "a", "制冰机/碎冰机"),
        ("b", None, "箱子"), ("b-1", "b", "盒子"), ("b-2", "b", "手机壳"), ("c", None, "凉亭棚架"),
    ),
    "places.en": presets("en", shop_bakery="Bakery\nBread Shop:baker,fan", natural_tree="Tree", shop_only="Only Here"),
    "places.zh-CN": presets("zh-CN", shop_bakery="面包店:烘焙,糕,卖面包", natural_tree="树木:树"),
    "places.zh-HK": presets("zh-HK", shop_bakery="麵包舖"),
    "places.zh-TW": presets("zh-TW", shop_bakery="面包店"),
    "pictures.en": {"annotations": {"annotations": {"1": {"tts": ["flatbread"]}, "2": {"tts": ["eye"]}, "3": {}}}},
    "pictures.zh": {"annotations": {"annotations": {"1": {"tts": ["扁面包"]}, "2": {"tts": ["眼"]}, "3": {"tts": ["无"]}}}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("washbasin", "wash-basins"), ("wash basin", "washbasin"), ("tomatoes", "tomato"), ("haemorrhoid", "hemorrhoids"),
        ("colour", "color"), ("theatres", "theater"), ("organisation", "organization"), ("jewellery", "jewelry"),
        ("knives", "knife"), ("tyres", "tire"), ("fibre", "fiber"), ("catalogue", "catalog"), ("women's shoes", "woman shoe"),
        ("moulds", "mold"), ("sulphur", "sulfur"), ("brushes", "brush"), ("berries", "berry"), ("travelling", "traveling"),
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_key(one: str, other: str) -> None:
    assert english.key(one) == english.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("glasses", "glass"),
        ("organ", "organic"),
        ("shoe", "she"),
        ("bus", "bu"),
        ("gas", "ga"),
        ("tie", "ty"),
    ],
)
def test_other_words_have_other_keys(one: str, other: str) -> None:
    assert english.key(one) != english.key(other)


def test_entries_keep_what_may_name_goods() -> None:
    entries = {entry.chinese: entry for entry in cedict.read_entries(CEDICT)}
    assert entries["冰箱"].english == (("refrigerator", 3), ("icebox", 3))
    assert entries["烧卖"].same == ("烧麦",)
    assert entries["理发"].english[0] == ("haircut", 1)
    assert entries["扇"].english[0] == ("fan", 1)
    assert (entries["绿茶"].pinyin, entries["绿茶"].english) == ("lvcha", (("green tea", 3),))
    assert not {"王", "长沙", "画蛇添足", "个"} & set(entries)


@pytest.mark.parametrize(
    ("glosses", "word", "strength"),
    [
        ("shumai (shao mai) steamed dumpling", "shumai", 1),
        ("shumai (shao mai) steamed dumpling", "dumpling", 0),
        ("guzheng (large zither with 13 to 25 strings, developed long ago)", "zither", 0),
        ("pipa, Chinese lute, with 4 strings", "lute", 0),
        ("vermicelli made from mung bean starch etc", "vermicelli", 0),
        ("soda pop/carbonated soft drink", "soft drink", 0),
    ],
)
def test_an_explanation_says_what_a_thing_is(glosses: str, word: str, strength: int) -> None:
    [entry] = cedict.read_entries([f"某物 某物 [mou3 wu4] /{glosses}/"])
    assert dict(entry.english)[word] == strength


@pytest.mark.parametrize("gloss", ["refrigerator (Hong Kong usage)"])
def test_a_note_on_use_is_no_explanation(gloss: str) -> None:
    words = {
        word
        for entry in cedict.read_entries([f"某物 某物 [mou3 wu4] /{gloss}/"])
        for word, _strength in entry.english
    }
    assert words <= {"refrigerator"}


def test_near_words_are_of_things_and_of_specific_ones() -> None:
    synsets, senses = wordnet.read_synsets(DATA.splitlines()), wordnet.read_senses(INDEX.splitlines())
    near = set(wordnet.near_words(synsets, senses))
    assert ("icebox", "refrigerator", wordnet.SYNONYM) in near
    assert ("refrigerator", "white goods", wordnet.BROADER) in near
    assert ("appliance", "dishwasher", wordnet.NARROWER) in near
    assert not any("happiness" in pair for pair in near)


@pytest.fixture
def made(tmp_path: Path) -> table.Lexicon:
    """A lexicon from the samples above, made by the command."""
    with gzip.open(tmp_path / "cedict.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(CEDICT))
    files = {"data.noun": DATA, "index.noun": INDEX, "index.adj": "merry a 1 0 1 0 00000009\n"}
    for name, text in (files | {"index.adv": "", "index.verb": ""}).items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "TWPhrases.txt").write_text("# comment\n冰箱\t電冰箱\n", "utf-8")
    (tmp_path / "HKPhrases.txt").write_text("", "utf-8")
    for name, content in LISTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "aliases.txt").write_text(ALIASES, "utf-8")
    sources = make.Sources(tmp_path / "cedict.txt.gz", tmp_path, tmp_path, tmp_path, tmp_path / "aliases.txt")
    make.main(sources, tmp_path / "lexicon.npz")
    return table.read(io.BytesIO((tmp_path / "lexicon.npz").read_bytes()))


def test_a_lexicon_is_made_from_its_sources(made: table.Lexicon) -> None:
    assert {"冰箱", "雪柜"} <= {each.word for each in made.translations("Refrigerators")}
    assert {each.word for each in made.english_of("雪柜")} == {"icebox", "refrigerator"}
    assert made.same("冰箱") == ["电冰箱"]
    assert made.same("扇子") == ["扇"]
    assert made.chinese_of_pinyin("bingxiang") == ["冰箱"]
    assert ("icebox", wordnet.SYNONYM) in made.near("refrigerator")
    assert made.is_thing("fan")
    assert not made.is_thing("haircut")
    assert made.is_english("haircuts")
    assert not made.translations("happiness")


def test_code_lists_of_the_registry_are_sources_too(made: table.Lexicon) -> None:
    assert table.Translation("灯具", 3) in made.translations("luminaires")
    assert table.Translation("纱线", 2) in made.translations("yarn")  # 纱线和织物, Yarn and fabric
    assert table.Translation("人造板", 0) in made.translations(
        "plywood"
    )  # another word of a category is a part of it


def test_published_lists_are_sources_too(made: table.Lexicon) -> None:
    assert made.translations("wine cooler") == [table.Translation("酒柜", 2)]
    assert made.translations("crushers") == [
        table.Translation("碎冰机", 2)
    ]  # as many items in both languages
    assert not made.translations("gazebos")  # not as many
    assert table.Translation("电风扇", 1) in made.translations(
        "fan"
    )  # of a single word the dictionary tells more
    assert {each.strength for each in made.translations("cases")} == {0}  # things of several kinds
    assert made.translations("bread shop") == [table.Translation("面包店", 2)]
    assert made.same("面包店") == ["面包铺"]
    assert made.translations("flatbread") == [table.Translation("扁面包", 2)]
    assert not any(map(made.translations, ("trees", "only here", "eye")))


def test_people_are_what_their_shop_is_found_by_and_things_are_not(made: table.Lexicon) -> None:
    found = {table.Translation(word, 0) for word in ("面包店", "烘焙", "卖面包")}
    assert set(made.translations("baker")) == found
    assert made.translations("bread shop") == [table.Translation("面包店", 2)]
    assert not {"烘焙", "面包店"} & {each.word for each in made.translations("fan")}


def test_kinds_have_their_path_and_names_in_both_languages(tmp_path: Path) -> None:
    for name, content in LISTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    kinds = set(published_lists.read_kinds(tmp_path))
    assert {(("a", "2"), "Wine Coolers"), (("a", "2"), "酒柜")} <= kinds
    assert {(("a", "3"), "Ice Makers"), (("a", "3"), "碎冰机")} <= kinds  # as many items in both languages
    assert {
        (("c",), "Gazebos, Pergolas & Trellises"),
        (("c",), "凉亭棚架"),
    } <= kinds  # not as many: as a whole
    assert {(("places", "shop", "bakery"), "Bread Shop"), (("places", "shop", "bakery"), "面包店")} <= kinds
    assert not any("natural" in path for path, _name in kinds)


def test_names_of_an_article_about_a_thing_are_aliases(made: table.Lexicon) -> None:
    assert made.aliases("冰箱") == ["冰柜"]  # 电冰箱 is another name by a dictionary already
    assert made.aliases("冰柜") == ["冰箱", "电冰箱"]
    assert made.aliases("物理") == []  # no thing that can be held
    assert made.aliases("冷箱") == []  # of the second source
    assert made.aliases("薣茶") == []  # a rare character


def test_a_group_of_many_names_is_a_list_of_meanings() -> None:
    names = [chr(0x4E00 + index) * 2 for index in (0, 1, 3, 7, 8, 9, 10, 11, 13)]
    usual = [name for name in names if aliases.is_usual(name)]
    assert list(aliases.read_groups([" ".join(usual[: aliases.MAX_NAMES])]))
    too_many = " ".join([*usual, *("甲乙", "丙丁", "戊己")])
    assert len(too_many.split()) > aliases.MAX_NAMES
    assert not list(aliases.read_groups([too_many]))


def test_endings_stand_for_each_other_where_most_words_that_have_both_mean_one_thing() -> None:
    stems = ("除湿", "饮水", "净水")
    groups = [{f"{stem}器", f"{stem}机", "机器"} for stem in stems]
    words = [f"{stem}{ending}" for stem in stems for ending in "器机"]
    assert endings.interchangeable(groups, words) == [("器", "机"), ("机", "器")]
    assert endings.interchangeable(groups[:2], words) == []  # too few
    others = [f"{stem}{ending}" for stem in ("飞行", "发动", "打火", "收音", "照相") for ending in "器机"]
    assert endings.interchangeable(groups, [*words, *others]) == []  # most mean different things
    assert (
        endings.interchangeable([{"水器", "水机"}, {"电器", "电机"}, {"灯器", "灯机"}], []) == []
    )  # too short


def test_a_word_has_the_endings_that_stand_for_its_own(made: table.Lexicon) -> None:
    lexicon = table.lexicon()
    assert "净水机" in lexicon.other_endings("净水器")
    assert "洗发露" in lexicon.other_endings("洗发乳")
    assert (
        lexicon.other_endings("机器") == lexicon.other_endings("保温瓶") == made.other_endings("净水器") == []
    )


def test_unknown_words_have_nothing(made: table.Lexicon) -> None:
    assert (made.translations("zzz"), made.english_of("无此"), made.same("无此"), made.near("zzz")) == (
        [],
        [],
        [],
        [],
    )
    assert (made.chinese_of_pinyin("zzz"), made.is_english(""), made.is_thing("zzz")) == ([], False, False)


def test_the_lexicon_of_the_registry_has_words_of_goods_and_trades() -> None:
    lexicon = table.lexicon()
    for word, chinese in (
        ("umbrellas", "雨伞"),
        ("vodka", "伏特加"),
        ("tailor", "裁缝"),
        ("teapots", "茶壶"),
        ("seat-belts", "安全带"),
    ):
        assert chinese in [each.word for each in lexicon.translations(word)]
    assert {"电缆", "电力线"} <= set(lexicon.aliases("电线"))
    assert "计程车" in lexicon.same("出租车") or "出租汽车" in lexicon.same("计程车")
