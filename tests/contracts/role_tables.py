"""Who may do what: the table of roles and actions, and the transitions of each register with the roles that may make them.

`python -m tests.contracts.role_tables` prints `docs/roles.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from registry.accounts.bounds import BOUND_OF, LEVELS_OF_ROLE, Bound
from registry.accounts.policy import ALLOWED, STAFF, Action
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import Transition
from registry.registers import applied_registers, catalogue
from registry.services.applying import moves as application_moves
from registry.services.deciding import moves as decision_moves

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "roles.md"
ORDER = (
    "visitor", "enterprise", "body", "reviewer_county", "reviewer_city", "reviewer_province", "reviewer_national",
    "publisher", "inspector", "auditor", "admin", "registrar", "system",
)  # fmt: skip
HEAD = """# Roles

Who may do what. This page is made from the policy (`registry/accounts/policy.py`) and from the life cycles of the registers by
`python -m tests.contracts.role_tables`; a test compares it with them. An action is required by every service before
anything else; a transition is held against the role of the actor when it is published
(`LifeCycle.allowed_transition`), whichever door it comes through.

What a register copies from a source is not held against these transitions when a record begins: roles that import or decide
enter it in the state that the source states.

What goes through the desk goes through its pages and through the API alike, with a token of the desk ([deciding](deciding.md#by-program)).
Filing and applying in the workspace go through the API as well, with a token that files ([filing by program](filing-api.md)).
"""


BOUNDS = {
    Bound.NONE: "no record",
    Bound.HOLDER: "records held by an organisation of which the account is editor or owner",
    Bound.ISSUER: "records issued by a body of which the account is editor or owner, approved on the day, within its scope",
    Bound.REGION: "records of its region ({levels}); of one without a region, that of the holder counts",
    Bound.DRAWN: "records for whose random check the account was drawn as inspector, until the result is public",
    Bound.ALL: "all records",
}
SET_BY = {
    Bound.HOLDER: "a confirmed claim, an invitation",
    Bound.ISSUER: "a confirmed claim, an invitation, an administrator",
    Bound.REGION: "an administrator; a substitute for a time too",
    Bound.DRAWN: "the draw of a random check",
}


def page() -> str:
    """The text of `docs/roles.md`."""
    lines = [HEAD, *_actions(), "", *_bounds()]
    for slug, definition in sorted(catalogue().items()):
        lines += ["", f"## Register `{slug}`", "", *_transitions(definition)]
    return "\n".join(lines) + "\n"


def _actions() -> Iterator[str]:
    yield "## Actions"
    yield ""
    yield f"Roles marked with an asterisk sign in with two factors. `system` is the register's own work and may do all {len(Action)}."
    yield ""
    yield "Two persons with `import` bring a sheet in at the desk, and correct a fact of a record, in whatever state it is: one prepares, another runs or"
    yield "takes it. The command on the server is one person's, the operator of it."
    yield ""
    roles = [role for role in ORDER if role != "system"]
    yield "| action | " + " | ".join(f"`{role}`{'*' if role in STAFF else ''}" for role in roles) + " |"
    yield "|---|" + "---|" * len(roles)
    for action in Action:
        marks = ("yes" if action in ALLOWED[role] else "" for role in roles)
        yield f"| `{action.value}` | " + " | ".join(marks) + " |"


def _bounds() -> Iterator[str]:
    yield "## Bounds"
    yield ""
    yield "On which records a role may make its transitions. An account that lacks its bound may act on no record, and is told so."
    yield "Nobody acts on records of an organisation or body of which they are a member, or with which they have declared a conflict"
    yield "of interest, nor decides on what they have filed or prepared (`services.people.deciding_rights`; a body acts on what it has"
    yield "issued itself)."
    yield ""
    yield "| role | acts on | its bound is set by |"
    yield "|---|---|---|"
    for role in ORDER:
        if role == "system":
            continue
        bound = BOUND_OF[role]
        words = BOUNDS[bound].format(levels=" or ".join(LEVELS_OF_ROLE.get(role, ())))
        yield f"| `{role}` | {words} | {SET_BY.get(bound, '–')} |"


def _transitions(definition: RegisterDefinition) -> Iterator[str]:
    life_cycle = definition.life_cycle
    yield "| transition | from | to | roles | must state | through |"
    yield "|---|---|---|---|---|---|"
    for (name, _after, _roles), moves in groupby(
        life_cycle.transitions, key=lambda move: (move.name, move.after, move.roles)
    ):
        yield _line(definition, name, list(moves))


def doors(definition: RegisterDefinition, move: Transition) -> tuple[str, ...]:
    """Through which doors a transition is made."""
    life_cycle, filing = definition.life_cycle, definition.filing
    automatic = {each.transition for each in (*life_cycle.date_changes, *life_cycle.linked_changes)}
    applied = any(each.published_in == definition.slug for each in applied_registers())
    public = [not code or life_cycle.state(code).is_public for code in (move.before, move.after)]
    # who files certificates and grades files them as they begin; what becomes of them later is decided
    filed_by_body = (
        filing is not None and definition.filer == definition.issuer and definition.issuer is not None
    )
    begun = {"", *(each.after for each in life_cycle.transitions if not each.before and "body" in each.roles)}
    private = {code for code in begun if not code or not life_cycle.state(code).is_public}
    by_body = (
        filed_by_body and move.before in private and "body" in move.roles and _files_to(definition, move)
    )
    found = {
        "workspace": ("enterprise" in move.roles and filing is not None) or by_body,
        "desk, as a decision": move in decision_moves.desk_moves(definition),
        "desk, as a new record": definition.desk_entry is not None
        and (move.before, move.name) == ("", definition.desk_entry.transition),
        "desk, on an application": applied and move in application_moves.desk_steps(definition),
        "by itself": move.name in automatic,
        "import": "registrar" in move.roles and all(public),
    }
    return tuple(door for door, leads in found.items() if leads)


def _files_to(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a transition on the way to the state in which a filed record begins."""
    assert definition.filing is not None
    start = definition.filing.start.status
    return move.after == start or any(
        each.before == move.after and each.after == start for each in definition.life_cycle.transitions
    )


def _line(definition: RegisterDefinition, name: str, moves: list[Transition]) -> str:
    life_cycle, first = definition.life_cycle, moves[0]
    before = ", ".join(f"`{move.before}`" if move.before else "–" for move in moves)
    after = f"`{first.after}`" + ("" if life_cycle.state(first.after).is_public else " (not public)")
    roles = ", ".join(f"`{role}`" for role in sorted(first.roles, key=ORDER.index))
    if first.within_hours is not None:
        roles += f", within {first.within_hours} hours"
    through = dict.fromkeys(door for move in moves for door in doors(definition, move))
    return f"| {first.en} (`{name}`) | {before} | {after} | {roles} | {', '.join(f'`{field}`' for field in first.needs)} | {'; '.join(through)} |"


if __name__ == "__main__":
    print(page(), end="")
