"""Change requests: choosing differences, how a request stands, and what moved beneath it.

A request's history is all that is stored of its state. The text that is proposed is known by its
digest, and an approval counts only for the text that it saw.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .layers import START, Change, Put, changes_between, lay
from .machine import Key, Machine
from .merging import ThreeWays, merged, three_ways


class Verb(StrEnum):
    """What can happen to a change request."""

    PROPOSED = "proposed"
    EDITED = "edited"
    REWORDED = "reworded"
    APPROVED = "approved"
    CHANGES_ASKED = "asked for changes"
    REFUSED = "refused"
    COMMENTED = "commented"
    WITHDRAWN = "withdrawn"
    APPLIED = "applied"


class State(StrEnum):
    """How a change request stands, the ones that somebody has to look at first."""

    OPEN = "open"
    CHANGES_ASKED = "changes asked"
    APPROVED = "approved"
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


SIGNS = {
    State.OPEN: "?",
    State.CHANGES_ASKED: "↻",
    State.APPROVED: "✓",
    State.APPLIED: "●",
    State.REFUSED: "✕",
    State.WITHDRAWN: "−",
}
"""A sign for each state, so that none is told by colour alone."""

UNDER_REVIEW = frozenset({State.OPEN, State.CHANGES_ASKED, State.APPROVED})
"""The states in which a request can still become another one."""

WRITES = frozenset({Verb.PROPOSED, Verb.EDITED})
"""What sets the text that is proposed."""

_CLOSES = {
    Verb.APPLIED: State.APPLIED,
    Verb.REFUSED: State.REFUSED,
    Verb.WITHDRAWN: State.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a request; `digest` is of the text that it was about."""

    verb: Verb
    digest: str
    number: int = 0
    by: int | None = None


def digest_of(base: str, proposed: str) -> str:
    """What tells a proposed text, and what it changes, from every other."""
    return hashlib.sha256(f"{len(base)}\n{base}{proposed}".encode()).hexdigest()


def state_of(events: Iterable[Event]) -> State:
    """How a request stands, by its events in their order.

    An edit opens it anew, whatever was decided before; a decision counts only when it was about
    the text that is proposed.
    """
    state, digest = State.OPEN, ""
    for event in events:
        if event.verb in _CLOSES:
            return _CLOSES[event.verb]
        if event.verb in WRITES:
            state, digest = State.OPEN, event.digest
        elif event.digest == digest and event.verb is Verb.APPROVED:
            state = State.APPROVED
        elif event.digest == digest and event.verb is Verb.CHANGES_ASKED:
            state = State.CHANGES_ASKED
    return state


def lapsed(events: Iterable[Event]) -> frozenset[int]:
    """The numbers of the approvals that an edit withdrew."""
    waiting: list[int] = []
    gone: list[int] = []
    for event in events:
        if event.verb is Verb.EDITED:
            gone += waiting
            waiting = []
        elif event.verb is Verb.APPROVED:
            waiting.append(event.number)
    return frozenset(gone)


def writers(events: Iterable[Event]) -> frozenset[int | None]:
    """Who wrote any of the texts that were proposed."""
    return frozenset(event.by for event in events if event.verb in WRITES)


def with_differences(old: Machine, new: Machine, keys: Collection[Key]) -> Machine:
    """`old`, with what `new` has at the chosen `keys`: a transition, none, or another place.

    All that differ chosen, it is `new`; none chosen, `old`. What comes stands after the nearest
    one before it in `new` that is there.
    """
    chosen = [change for change in changes_between(old, new) if change.key in keys]
    there = set(old.by_key) - {each.key for each in chosen if not isinstance(each, Put)}
    there |= {each.key for each in chosen if isinstance(each, Put)}
    order = list(new.by_key)
    return lay(old, tuple(_placed(each, order, there) for each in chosen))


def _placed(change: Change, order: list[Key], there: Collection[Key]) -> Change:
    if not isinstance(change, Put) or change.after in (None, START):
        return change
    before = order[: order.index(change.key)]
    return Put(change.transition, next((key for key in reversed(before) if key in there), START))


def contested(base: Machine, now: Machine, proposed: Machine) -> tuple[ThreeWays, ...]:
    """The keys that were changed since `base` and that the proposal changes to something else."""
    return tuple(each for each in three_ways(base, now, proposed) if each.is_contested)


def brought_up_to_date(
    base: Machine, now: Machine, proposed: Machine, proposed_at: Mapping[Key, bool]
) -> Machine:
    """What is proposed over `now`, where it was proposed over `base`.

    At contested keys `proposed_at` says whether the proposal counts; a key that it does not have
    stays as it is now. The order is that of the proposal, if nothing moved since, else that of now.
    """
    takes = {
        each.key: proposed_at.get(each.key, False) if each.is_contested else each.takes_mine
        for each in three_ways(base, now, proposed)
    }
    if _in_same_order(base, now):
        return merged(proposed, now, {key: not taken for key, taken in takes.items()})
    return merged(now, proposed, takes)


def _in_same_order(base: Machine, now: Machine) -> bool:
    kept = [key for key in base.by_key if key in now.by_key]
    return kept == [key for key in now.by_key if key in base.by_key]
