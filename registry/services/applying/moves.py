"""The transitions of a life cycle by which an application goes on before it is public: whose they are, and what they ask for.

Everything follows from the register's tables; nothing here knows a register.
"""

from __future__ import annotations

from registry.accounts.policy import STAFF, Action, Actor, may
from registry.kit.application import Applications
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.life_cycle import LifeCycle, Transition
from registry.registers import catalogue
from registry.services.deciding.views import MoveView
from registry.services.filing import filing_of
from registry.services.records.past.versions import ROLE_MESSAGES

HOLDER_ROLE = "enterprise"
DESK_ROLES = frozenset(role for role in STAFF if may(Actor(role), Action.TAKE_DECISIONS))


def applications_of(register: str) -> Applications:
    """Return how holders apply in a register. Raises ValueError where they do not."""
    parts = filing_of(catalogue()[register]).application
    if parts is None:
        raise ValueError(f"nothing is applied for in {register}")
    return parts


def desk_steps(definition: RegisterDefinition, role: str = "") -> tuple[Transition, ...]:
    """The transitions of the authority that lead on from a state that is not public; `role`: that role's only."""
    life_cycle = definition.life_cycle
    return tuple(
        move
        for move in life_cycle.transitions
        if move.before
        and not life_cycle.state(move.before).is_public
        and not DESK_ROLES.isdisjoint(move.roles)
        and (not role or role in move.roles)
    )


def desk_step(definition: RegisterDefinition, name: str, status: str) -> Transition | None:
    """The transition of the authority of this name that leads on from a status."""
    return next((move for move in desk_steps(definition) if (move.name, move.before) == (name, status)), None)


def roles_awaited(definition: RegisterDefinition, status: str) -> tuple[str, ...]:
    """Who may lead an application on from a status, as message ids: none where it is with the holder."""
    roles = [
        role
        for move in desk_steps(definition)
        if move.before == status
        for role in move.roles
        if role in DESK_ROLES
    ]
    return tuple(ROLE_MESSAGES[role] for role in dict.fromkeys(roles))


def submission_from(definition: RegisterDefinition, status: str) -> Transition | None:
    """The transition by which the holder submits from a status: for the first time, or with corrections."""
    start = filing_of(definition).start.status
    found = _holder_moves(definition.life_cycle, status)
    return next((move for move in found if move.after == start), None)


def first_submission(definition: RegisterDefinition) -> Transition | None:
    """The transition by which a draft is submitted: from the state where the life cycle begins for a holder."""
    begun = _holder_moves(definition.life_cycle, "")
    return next((move for each in begun if (move := submission_from(definition, each.after))), None)


def withdrawal_from(definition: RegisterDefinition, status: str) -> Transition | None:
    """The transition by which the holder takes an application back."""
    start = filing_of(definition).start.status
    found = _holder_moves(definition.life_cycle, status)
    return next((move for move in found if move.after not in (start, status)), None)


def returns_it(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a step after which the holder corrects and submits again."""
    public = definition.life_cycle.state(move.after).is_public
    return not public and submission_from(definition, move.after) is not None


def ends_it(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a step after which nothing leads on: the application is refused."""
    return not definition.life_cycle.state(move.after).is_public and is_over(definition, move.after)


def is_over(definition: RegisterDefinition, status: str) -> bool:
    """True for a state from which nothing leads on."""
    return not any(move.before == status for move in definition.life_cycle.transitions)


def needs_second_person(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a step that publishes an application or refuses it; an opinion or a return is one person's."""
    return definition.life_cycle.state(move.after).is_public or ends_it(definition, move)


def state_view(definition: RegisterDefinition, status: str) -> StatusView:
    """A state in words."""
    return definition.life_cycle.state(status).view()


def step_view(definition: RegisterDefinition, move: Transition, role: str) -> MoveView:
    """A step in words. `role`: of the reader."""
    return MoveView(
        key=move.name,
        name=Words(move.zh, move.en),
        after=state_view(definition, move.after),
        roles=tuple(ROLE_MESSAGES[each] for each in move.roles),
        mine=role in move.roles and role in DESK_ROLES,
        evidence=move.evidence,
        public_notice=move.public_notice,
        hours=move.within_hours,
        keeps_status=False,
    )


def step_name(definition: RegisterDefinition, name: str, after: str) -> Words:
    """What a step is called; its name where the life cycle has it no longer."""
    move = next(
        (each for each in definition.life_cycle.transitions if (each.name, each.after) == (name, after)), None
    )
    return Words(move.zh, move.en) if move else Words(name, name)


def _holder_moves(life_cycle: LifeCycle, status: str) -> tuple[Transition, ...]:
    """The transitions of the holder from a status into one that is not public."""
    return tuple(
        move
        for move in life_cycle.transitions
        if move.before == status and HOLDER_ROLE in move.roles and not life_cycle.state(move.after).is_public
    )
