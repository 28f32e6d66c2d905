"""How each difference from current to ideal stands by what was decided about it.

Only the decisions are stored, and the newest one at a key counts. Dates are texts, `2026-11-24`:
they sort as the days do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .diff import Difference
from .machine import Key
from .notation import render_transition


class Says(StrEnum):
    """What a decision can say. WITHDRAWN: the difference is unexplained again."""

    PLANNED = "planned"
    ACCEPTED = "accepted"
    BLOCKED = "blocked"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """How a difference stands, the most urgent first.

    REOPENED: the decision was about another difference than there is now, or this one went and
    came back, or the question that it waited for is answered. CLOSED: there is no difference any
    more, so the decision closed by itself.
    """

    OVERDUE = "overdue"
    REOPENED = "reopened"
    UNEXPLAINED = "unexplained"
    PLANNED = Says.PLANNED.value
    ACCEPTED = Says.ACCEPTED.value
    BLOCKED = Says.BLOCKED.value
    CLOSED = "closed"


SIGNS = {
    State.OVERDUE: "!",
    State.REOPENED: "↻",
    State.UNEXPLAINED: "?",
    State.PLANNED: "▸",
    State.ACCEPTED: "✓",
    State.BLOCKED: "■",
    State.CLOSED: "=",
}
"""A sign for each state, so that none is told by colour alone."""

UNDECIDED = frozenset({State.UNEXPLAINED, State.REOPENED})
"""The states in which somebody has to decide."""

HOLDS = frozenset({State.PLANNED, State.ACCEPTED, State.BLOCKED, State.OVERDUE})
"""The states in which a decision is about the difference that there is."""


@dataclass(frozen=True, slots=True)
class About:
    """A difference in the notation: the line of either side, "" where there is none."""

    old: str
    new: str
    moved: bool = False

    @classmethod
    def of(cls, difference: Difference) -> "About":
        old, new = (
            render_transition(side) if side else "" for side in (difference.old, difference.new)
        )
        return cls(old, new, difference.moved)

    @property
    def text(self) -> str:
        """One text for one difference, and another one for every other."""
        return "\n".join(
            (
                *([f"- {self.old}"] if self.old else []),
                *([f"+ {self.new}"] if self.new else []),
                *(["moved"] if self.moved else []),
            )
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about one difference.

    `number` is higher than that of every earlier decision. `came_back` says that the difference
    went since, whatever it is now; `answer` is that of the question, as it is now.
    """

    key: Key
    says: Says
    about: About
    number: int = 0
    owner: str = ""
    ticket: str = ""
    reason: str = ""
    until: str = ""
    question: str = ""
    at: str = ""
    by: str = ""
    came_back: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one difference stands; without `difference`, a decision that closed by itself.

    `decision` is the one that counts, or that counted until the difference became another one.
    """

    key: Key
    state: State
    difference: Difference | None
    decision: Decision | None

    @property
    def sign(self) -> str:
        return SIGNS[self.state]

    @property
    def seen(self) -> str:
        """The text of the difference, by which a form tells which one it showed; "" for none."""
        return About.of(self.difference).text if self.difference else ""


def standings(
    differences: Iterable[Difference], decisions: Iterable[Decision], today: str
) -> tuple[Standing, ...]:
    """How each difference stands, in their order, then the decisions whose difference is gone.

    `decisions` are the newest one of each key. One whose difference went is closed for good: when
    the same difference comes back, somebody has to look at it again.
    """
    newest = {each.key: each for each in decisions}
    found = [_standing(each, newest.pop(each.key, None), today) for each in differences]
    closed = (each for each in newest.values() if each.says is not Says.WITHDRAWN)
    return (*found, *(Standing(each.key, State.CLOSED, None, each) for each in closed))


def _standing(difference: Difference, decision: Decision | None, today: str) -> Standing:
    def stands(state: State) -> Standing:
        return Standing(difference.key, state, difference, decision)

    if decision is None or decision.says is Says.WITHDRAWN:
        return stands(State.UNEXPLAINED)
    if decision.came_back or decision.about != About.of(difference):
        return stands(State.REOPENED)
    if decision.says is Says.BLOCKED and decision.answer:
        return stands(State.REOPENED)
    if decision.until and decision.until < today:
        return stands(State.OVERDUE)
    return stands(State(decision.says.value))
