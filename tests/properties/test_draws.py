"""The draw as a function of its seed: the same each time, changed by whatever it is made from, and with the spelling of a figure out of play."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from registry.services.random_checks import drawing

NUMBERS = st.sets(st.from_regex(r"[A-Z]{2}-20[0-9]{2}-[0-9]{6}-[0-9A-Z]", fullmatch=True), max_size=40)
SEEDS = st.text("0123456789abcdef", min_size=64, max_size=64)
LABELS = st.sets(st.integers(1, 200).map("I-{:03}".format), min_size=1, max_size=12)


@given(NUMBERS, SEEDS, st.integers(0, 60), st.randoms())
def test_a_sample_is_the_same_in_whatever_order_the_population_comes(
    numbers: set[str], seed: str, size: int, random: object
) -> None:
    shuffled = list(numbers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    sample = drawing.draw_sample(seed, shuffled, size)
    assert sample == drawing.draw_sample(seed, sorted(numbers), size)
    assert len(sample) == min(size, len(numbers)) == len(set(sample))
    assert set(sample) <= numbers


@given(NUMBERS, SEEDS, st.integers(0, 30))
def test_a_larger_sample_begins_with_the_smaller_one(numbers: set[str], seed: str, size: int) -> None:
    larger = drawing.draw_sample(seed, numbers, size + 5)
    assert larger[:size] == drawing.draw_sample(seed, numbers, size)


@given(NUMBERS, st.data())
def test_one_changed_byte_changes_the_hash_and_the_seed(numbers: set[str], data: st.DataObject) -> None:
    assume(numbers)
    text = "\n".join(sorted(numbers))
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
    before, after = (drawing.population_hash(each.split("\n")) for each in (text, other))
    assert before != after
    seeds = {drawing.seed_of("RC-2026-000001-X", each, "3105.6", "0" * 64) for each in (before, after)}
    assert len(seeds) == 2


@given(LABELS, SEEDS, st.data())
def test_an_excluded_inspector_is_never_drawn_and_the_others_keep_their_order(
    labels: set[str], seed: str, data: st.DataObject
) -> None:
    excluded = data.draw(st.sets(st.sampled_from(sorted(labels))))
    everybody = drawing.draw_inspectors(seed, "X", labels, excluded=(), count=len(labels))
    drawn = drawing.draw_inspectors(seed, "X", labels, excluded=excluded, count=2)
    assert drawn == [label for label in everybody if label not in excluded][:2]


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20), st.randoms())
def test_a_figure_has_one_spelling(numbers: list[Decimal], random: object) -> None:
    plain = [f"{each:f}" for each in numbers]
    grouped = [f"{each:,f}" for each in numbers]
    random.shuffle(grouped)  # type: ignore[attr-defined]
    zeros = ["00" + each + "0" for each in plain]
    wide = " ".join(plain).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    spellings = {
        drawing.canonical_figure(text)
        for text in (" ".join(plain), "　".join(grouped), wide, " ".join(zeros))
    }
    assert len(spellings) == 1
    [canonical] = spellings
    assert sorted(map(Decimal, canonical.split())) == sorted(numbers)
    assert drawing.canonical_figure(canonical) == canonical


@given(st.text(max_size=40))
def test_what_is_no_list_of_numbers_is_refused(text: str) -> None:
    try:
        canonical = drawing.canonical_figure(text)
    except drawing.NotAFigure:
        return
    assert all(Decimal(part).is_finite() for part in canonical.split())


@given(st.integers(0, 100_000), st.decimals("0.01", 100, places=2))
def test_a_share_is_rounded_up_and_never_exceeds_the_population(population: int, share: Decimal) -> None:
    size = drawing.sample_size(population, share=share)
    assert 0 <= size <= population
    assert size * 100 >= min(population * share, population * 100)
    assert size == 0 or (size - 1) * 100 < population * share
