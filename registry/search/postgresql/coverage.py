"""SQL of what comes nearest to a search: the records that have most of what its words tell, as the embedded engine finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from registry.search.analysis import scoring
from registry.search.postgresql import statements
from registry.search.postgresql.statements import ScoredTerms, Statement


@dataclass(frozen=True, slots=True)
class CoverageClause:
    """What finds a word. `spelled`: other spellings of it; `weight`: what it tells.

    `counts_in_total`: False for what only adds to a record's coverage.
    """

    typed: Sequence[ScoredTerms]
    spelled: Sequence[ScoredTerms]
    weight: float
    counts_in_total: bool = True


def add_best_coverage(
    statement: Statement, clauses: Sequence[CoverageClause], condition: str = "", *, all_spellings: bool
) -> str:
    """Add the records with the best coverage; return the name of the expression.

    `condition`: only among those records, "" for all; `all_spellings`: other spellings also of words that some record has as typed.
    """
    names: list[str] = []
    for index, clause in enumerate(clauses):
        typed = statements.clause_cte(statement, f"typed{index}", clause.typed, "")
        spelled = statements.clause_cte(statement, f"spelled{index}", clause.spelled, "")
        only = "" if all_spellings else f" WHERE NOT EXISTS (SELECT 1 FROM {typed})"
        weight = statement.bind(clause.weight, "double precision")
        score = "score" if clause.counts_in_total else "0"
        names.append(
            statement.add_cte(
                f"covered{index}",
                "SELECT id, sum(score) AS score, max(told) AS told, bool_or(is_spelled) AS is_spelled FROM"
                f" (SELECT id, {score} AS score, {weight} AS told, false AS is_spelled FROM {typed} UNION ALL"
                f" SELECT id, {score}, {weight} * {scoring.SPELLED_SHARE}, true FROM {spelled}{only}) AS s GROUP BY id",
            )
        )
    selects = " UNION ALL ".join(f"SELECT id, score, told, is_spelled FROM {name}" for name in names)
    statement.add_cte(
        "covered",
        "SELECT id, sum(c.score) AS score, sum(c.told) AS told, bool_or(c.is_spelled) AS is_spelled"
        f" FROM ({selects}) AS c JOIN {statement.doc} USING (id) WHERE {condition or 'true'} GROUP BY id",
        materialized=True,
    )
    total = sum(clause.weight for clause in clauses if clause.counts_in_total)
    share = scoring.MIN_COVERAGE_WITHIN if condition else scoring.MIN_COVERAGE
    least = statement.bind(share * total - scoring.ROUNDING, "double precision")
    return statement.add_cte(
        "best",
        f"SELECT id, CAST(score + told * {scoring.COVERAGE_SCORE} AS real) AS score, told, is_spelled"
        f" FROM covered WHERE told > 0 AND told >="
        f" {scoring.BEST_COVERAGE_SHARE} * (SELECT max(told) FROM covered) - {scoring.ROUNDING}"
        f" AND (SELECT max(told) FROM covered) >= {least}",
    )


def stage_of(connection: Connection, statement: Statement, clauses: Sequence[CoverageClause]) -> str:
    """Return how the records of `best` were found, "" if there are none."""
    row = connection.execute(
        text(statement.to_sql("SELECT max(told) AS told, bool_or(is_spelled) AS is_spelled FROM best")),
        statement.params,
    ).one()
    if row.told is None:
        return ""
    if row.is_spelled:
        return "spelling"
    total = sum(clause.weight for clause in clauses if clause.counts_in_total)
    return "words" if row.told >= scoring.NEARLY_ALL * total - scoring.ROUNDING else "most"
