"""What staff decided about drift, and how each drift stands by it.

Only the decisions are stored, and the newest one on a subject counts. Dates are texts,
`2026-11-24`: they sort as the days do.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .drift import Drift, Subject
from .machine import Key
from .sentences import count, listed


class State(StrEnum):
    """How a drift stands, what nobody explained first.

    REOPENED: the decision was about another drift than there is now. OVERDUE: it was known until a
    day that has passed. CLOSED: the drift is gone, so the decision closed by itself.
    """

    UNEXPLAINED = "unexplained"
    REOPENED = "reopened"
    OVERDUE = "overdue"
    KNOWN = "known"
    CLOSED = "closed"


STATE_SIGNS = {
    State.UNEXPLAINED: "?",
    State.REOPENED: "↻",
    State.OVERDUE: "!",
    State.KNOWN: "✓",
    State.CLOSED: "=",
}

COUNTS = frozenset({State.UNEXPLAINED, State.REOPENED, State.OVERDUE})
"""The states that keep what is deployed from being in step."""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody decided about one drift; not `holds`: it was withdrawn.

    `about` is the drift's text, `number` higher than that of every earlier decision.
    """

    capability: str
    key: Key
    about: str
    holds: bool = True
    number: int = 0
    owner: str = ""
    reason: str = ""
    until: str = ""
    at: str = ""
    by: str = ""

    @property
    def subject(self) -> Subject:
        return self.capability, self.key


@dataclass(frozen=True, slots=True)
class Standing:
    """How one drift stands; without `drift`, a decision that closed by itself."""

    subject: Subject
    state: State
    drift: Drift | None
    known: Known | None

    @property
    def sign(self) -> str:
        return STATE_SIGNS[self.state]

    @property
    def counts(self) -> bool:
        """Whether it keeps what is deployed from being in step."""
        return self.state in COUNTS


def standings(
    found: Iterable[Drift], decisions: Iterable[Known], today: str
) -> tuple[Standing, ...]:
    """How each drift stands, the unexplained first, and last the decisions whose drift is gone.

    `decisions` are the newest one of each subject.
    """
    newest = {each.subject: each for each in decisions}
    standing = [_standing(each, newest.pop(each.subject, None), today) for each in found]
    standing += [
        Standing(each.subject, State.CLOSED, None, each) for each in newest.values() if each.holds
    ]
    order = list(State)
    return tuple(sorted(standing, key=lambda each: order.index(each.state)))


def _standing(drift: Drift, known: Known | None, today: str) -> Standing:
    state = State.KNOWN
    if known is None or not known.holds:
        state = State.UNEXPLAINED
    elif known.about != drift.text:
        state = State.REOPENED
    elif known.until < today:
        state = State.OVERDUE
    return Standing(drift.subject, state, drift, known)


def told(found: Sequence[Standing], broken: int = 0) -> str:
    """One sentence on all of it: whether what is deployed is what should be."""
    counts = Counter(each.state for each in found)
    kept = [state for state in State if counts[state] and state is not State.CLOSED]
    parts = [f"{counts[state]} {state}" for state in kept]
    if broken:
        parts.append(count(broken, "broken row"))
    if not parts:
        return "What is deployed is what it should be."
    known_only = kept == [State.KNOWN] and not broken
    end = "; all of it is known" if known_only else ""
    return f"Drift: {listed(parts)}{end}."


def drift_as_plain(standing: Standing) -> dict[str, object]:
    """One drift, or a decision that closed, for JSON. What is not there is None."""
    drift, known = standing.drift, standing.known
    capability, key = standing.subject
    return {
        "capability": capability,
        "source": key.source or None,
        "event": key.event or None,
        "kind": str(drift.kind) if drift else None,
        "sentences": drift.sentences if drift else [],
        "expected": (drift.should or None) if drift else None,
        "deployed": (drift.there or None) if drift else None,
        "state": str(standing.state),
        "owner": known.owner if known and known.holds else None,
        "reason": known.reason if known and known.holds else None,
        "until": known.until if known and known.holds else None,
    }
