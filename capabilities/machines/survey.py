"""The survey: every capability's current machine against its ideal, and what checks say of both."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .checks import RULES, Finding, Severity
from .deviations import SIGNS, Standing, State
from .diff import Difference
from .effects import effects
from .machine import Key, Machine, bind
from .matrix import Treatment, treatments
from .notation import Note
from .sentences import CALLED, count, effect_sentence, listed

EFFECTS_BUDGET = 10_000
"""Steps that are tried at most for one capability of many."""

_OWN = (Treatment.ADDED, Treatment.OVERRIDDEN, Treatment.MISSING)


@dataclass(frozen=True)
class Side:
    """One machine of a capability, and what it is made of.

    `beneath` is what its machine template and stages make; `matches` the titles of the machine
    templates that it is exactly; `ghosts` the places in its editor's rows of what it drops.
    """

    kind: str
    machine: Machine
    beneath: Machine
    template: str = ""
    slug: str = ""
    stages: tuple[str, ...] = ()
    overrides: int = 0
    matches: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    ghosts: Mapping[Key, int] = field(default_factory=dict)

    @cached_property
    def treatments(self) -> dict[Key, Treatment]:
        return treatments(self.machine, self.beneath)

    @cached_property
    def told(self) -> str:
        """How it departs from machine templates, in a sentence; "" where it is one."""
        if self.matches or not self.machine:
            return ""
        start = f"The {self.kind} machine matches no machine template"
        if not self.template:
            return f"{start}, and has none beneath it."
        counts = Counter(self.treatments.values())
        own = [f"{counts[each]} {each}" for each in _OWN if counts[each]]
        parts = [f"“{each}”" for each in (self.template, *self.stages)]
        if own:
            number = count(sum(counts[each] for each in _OWN), "transition")
            parts.append(f"{number} of its own ({listed(own)})")
        return f"{start}: it is {listed(parts)}."


@dataclass(frozen=True)
class FindingGroup:
    """All findings of one check about a capability, each with the kind of machine it is about."""

    code: str
    findings: tuple[tuple[Side, Finding], ...]

    @property
    def severity(self) -> Severity:
        return RULES[self.code].severity

    @property
    def title(self) -> str:
        return RULES[self.code].title


@dataclass(frozen=True, slots=True)
class Decided:
    """How many differences of a capability stand in one state."""

    state: State
    number: int

    @property
    def sign(self) -> str:
        return SIGNS[self.state]


@dataclass(frozen=True)
class Surveyed:
    """One capability. `ideal` is None where nobody has begun one: it is the same as current.

    `standings` are how its differences stand by what staff decided, and the decisions that closed
    by themselves; `questions` those that are open, each with the kind of machine that it is on.
    """

    name: str
    current: Side
    ideal: Side | None
    differences: tuple[Difference, ...]
    notes: int = 0
    standings: tuple[Standing, ...] = ()
    questions: tuple[tuple[str, Note], ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.current,) if self.ideal is None else (self.current, self.ideal)

    @cached_property
    def standing_of(self) -> dict[Key, Standing]:
        """How each difference stands, by its key."""
        return {each.key: each for each in self.standings if each.difference}

    @cached_property
    def decided(self) -> tuple["Decided", ...]:
        """How many of its differences stand in each state, the most urgent first."""
        counts = Counter(each.state for each in self.standing_of.values())
        return tuple(Decided(state, counts[state]) for state in State if counts[state])

    @cached_property
    def effects(self) -> tuple[str, ...]:
        """What the ideal machine's runs do differently, in sentences."""
        if not self.ideal:
            return ()
        found = effects(self.current.machine, self.ideal.machine, budget=EFFECTS_BUDGET)
        return tuple(effect_sentence(each, **CALLED) for each in found)

    @cached_property
    def findings(self) -> tuple[tuple[Side, Finding], ...]:
        """The findings of both machines, errors first, those of the current one before."""
        found = [(side, finding) for side in self.sides for finding in side.findings]
        severities = list(Severity)
        return tuple(sorted(found, key=lambda each: severities.index(each[1].severity)))

    @cached_property
    def groups(self) -> tuple[FindingGroup, ...]:
        """The findings by code, errors first."""
        by_code: dict[str, list[tuple[Side, Finding]]] = {}
        for side, finding in self.findings:
            by_code.setdefault(finding.code, []).append((side, finding))
        return tuple(FindingGroup(code, tuple(found)) for code, found in by_code.items())

    @property
    def told(self) -> list[str]:
        """How its machines depart from machine templates."""
        return [side.told for side in self.sides if side.told]


def is_bound(machine: Machine, unbound: Machine, values: Mapping[str, str]) -> bool:
    """Whether a machine is exactly another one whose parameters are bound to `values`."""
    if _outline(machine) != _outline(unbound):  # cheap, and almost always the answer
        return False
    try:
        return machine == bind(unbound, values)
    except ValueError:  # bound to these values, it is no machine
        return False


def _outline(machine: Machine) -> list[tuple[Key, str, int]]:
    return [(each.key, each.target, len(each.actions)) for each in machine]


# -- totals


@dataclass(frozen=True, slots=True)
class Total:
    """A number in words, and the filter that shows what it counts, "" for none."""

    text: str
    filter: str = ""
    value: str = ""
    parts: tuple["Total", ...] = ()


def totals(surveyed: Sequence[Surveyed]) -> tuple[Total, ...]:
    """What there is in all, what differs, what was found, and what is noted."""
    differing = [each for each in surveyed if each.differences]
    differences = sum(len(each.differences) for each in differing)
    unmatched = sum(any(side.told for side in each.sides) for each in surveyed)
    findings = Counter(finding.severity for each in surveyed for _, finding in each.findings)
    notes = sum(each.notes for each in surveyed)
    number = len(surveyed)
    found = [Total(f"{number} {'capability' if number == 1 else 'capabilities'}")]
    if differing:
        differs = "differs from its ideal" if len(differing) == 1 else "differ from their ideals"
        text = f"{len(differing)} {differs} in {count(differences, 'transition')}"
        standing = Counter(
            standing.state for each in differing for standing in each.standing_of.values()
        )
        states = tuple(
            Total(f"{standing[state]} {state}", "decision", str(state))
            for state in State
            if standing[state]
        )
        found.append(Total(text, "differs", "yes", states))
    else:
        found.append(Total("none differs from its ideal", "differs", "no"))
    if unmatched:
        matches = "matches" if unmatched == 1 else "match"
        text = f"{unmatched} {matches} no machine template"
        found.append(Total(text, "made", "unmatched"))
    parts = tuple(
        Total(_severity(severity, findings[severity]), "findings", str(severity))
        for severity in Severity
        if findings[severity]
    )
    found.append(Total(count(findings.total(), "finding"), "findings", "any", parts))
    questions = sum(len(each.questions) for each in surveyed)
    found.append(Total(count(notes, "note"), "notes", "yes"))
    found.append(Total(count(questions, "open question"), "questions", "open"))
    return tuple(found)


def _severity(severity: Severity, number: int) -> str:
    if severity is Severity.INFO:
        return f"{number} for information"
    return count(number, str(severity))


def everywhere(surveyed: Sequence[Surveyed]) -> tuple[Finding, ...]:
    """What checks say of every machine alike, once, where there are several."""
    sides = [side for each in surveyed for side in each.sides]
    counts = Counter(
        message
        for side in sides
        for message in {(each.code, each.message) for each in side.findings}
    )
    return tuple(
        Finding(code, message)
        for (code, message), number in sorted(counts.items())
        if number == len(sides) > 1
    )


def told(found: Iterable[Total]) -> str:
    """Totals as one sentence."""
    parts = []
    for each in found:
        more = f": {listed([part.text for part in each.parts])}" if each.parts else ""
        parts.append(f"{each.text}{more}")
    return f"{'; '.join(parts)}."
