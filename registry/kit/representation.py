"""How people act for the records of a register: for an organisation that files, for a body that issues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentationWords:
    """What pages call the records and the claim to one: message ids.

    `claim`: title and link. `find`, `find_hint`: the box that finds the record by name or number. `number_hint`: below
    the number in the form. `proof_hint`: what proves the claim, and who sees it. `afterwards`: what the registrar does,
    with `%(days)s`, and what the claimant can do then. `not_found`: with `%(words)s`. `not_listed`: what to do then.
    `members`: heading of the page of those who act for it.
    """

    claim: str
    find: str
    find_hint: str
    number: str
    number_hint: str
    proof_hint: str
    afterwards: str
    not_found: str
    not_listed: str
    members: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """People act for the records of this register once the registrar has confirmed their claim, or an owner invites them.

    `files`: they file records of other registers in its name, and one that the register does not hold yet can be
    claimed; true of one register, that of the organisations. `role`: the role that an account of no other role gets with
    its first membership. `unknown`, `ended`: codes of the issues for a number that the register does not hold,
    and for a record that has ended.
    """

    role: str
    unknown: str
    ended: str
    words: RepresentationWords
    files: bool = False
