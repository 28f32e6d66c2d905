"""The survey: every capability's current machine against its ideal, and what checks say of both."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .checks import RULES, Finding, Severity
from .diff import Difference
from .machine import Key, Machine, bind
from .matrix import Treatment, treatments
from .sentences import count, listed

NO_TEMPLATE = "-"
"""What stands for no machine template; no slug begins like that."""


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


@dataclass(frozen=True)
class Surveyed:
    """One capability. `ideal` is None where nobody has begun one: it is the same as current.

    `decisions` are what staff decided about its differences, `questions` those that are open.
    """

    name: str
    current: Side
    ideal: Side | None
    differences: tuple[Difference, ...]
    notes: int = 0
    decisions: tuple[object, ...] = ()
    questions: tuple[object, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.current,) if self.ideal is None else (self.current, self.ideal)

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
        found.append(Total(text, "differs", "yes"))
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
    found.append(Total(count(notes, "note"), "notes", "yes"))
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


# -- filters


@dataclass(frozen=True)
class Filter:
    """A way to narrow the survey: the values that a capability has for it, each in words.

    `order` are values in the order in which they are offered; others follow by their words.
    """

    name: str
    title: str
    values: Callable[[Surveyed], Mapping[str, str]]
    order: tuple[str, ...] = ()


def _differs(each: Surveyed) -> dict[str, str]:
    return {"yes": "differ"} if each.differences else {"no": "are the same"}


def _made(each: Surveyed) -> dict[str, str]:
    found = {}
    if any(side.overrides for side in each.sides):
        found["overridden"] = "has overrides"
    if any(side.told for side in each.sides):
        found["unmatched"] = "matches no machine template"
    return found


def _templates(each: Surveyed) -> dict[str, str]:
    return {side.slug or NO_TEMPLATE: side.template or "no machine template" for side in each.sides}


def _findings(each: Surveyed) -> dict[str, str]:
    if not each.findings:
        return {"none": "none"}
    words = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "information"}
    found = {str(finding.severity): words[finding.severity] for _, finding in each.findings}
    return {"any": "any", **found}


def _codes(each: Surveyed) -> dict[str, str]:
    return {group.code: group.title for group in each.groups}


def _notes(each: Surveyed) -> dict[str, str]:
    return {"yes": "has notes"} if each.notes else {}


_CODES = tuple(sorted(RULES, key=lambda code: list(Severity).index(RULES[code].severity)))

FILTERS = (
    Filter("differs", "Current and ideal", _differs, ("yes", "no")),
    Filter("made", "Machine", _made, ("overridden", "unmatched")),
    Filter("template", "Machine template", _templates),
    Filter("findings", "Findings", _findings, ("any", *map(str, Severity), "none")),
    Filter("code", "Check", _codes, _CODES),
    Filter("notes", "Notes", _notes),
)
"""Every way to narrow the survey, besides a part of the name; one line more is one filter more."""


@dataclass(frozen=True)
class Narrowing:
    """What is asked for: a value for each of some filters, and a part of the name."""

    chosen: Mapping[str, str]
    q: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Narrowing":
        """What a query string asks for; what it says besides is left alone."""
        chosen = {each.name: asked[each.name] for each in FILTERS if asked.get(each.name)}
        return cls(chosen, asked.get("q", "").strip())

    @property
    def asked(self) -> dict[str, str]:
        """The same as a query, in an order that does not change."""
        return {**self.chosen, **({"q": self.q} if self.q else {})}

    def having(self, name: str, value: str) -> dict[str, str]:
        """The query that asks for this value of a filter, too; for "", for any value of it."""
        asked = {each: kept for each, kept in self.asked.items() if each != name}
        return {**asked, name: value} if value else asked

    def keeps(self, each: Surveyed, *, aside: str = "") -> bool:
        """Whether a capability is as asked for, one filter left aside."""
        return self.q.lower() in each.name.lower() and all(
            self.chosen[filter_.name] in filter_.values(each)
            for filter_ in FILTERS
            if filter_.name in self.chosen and filter_.name != aside
        )

    def of_all(self, surveyed: Iterable[Surveyed]) -> tuple[Surveyed, ...]:
        """The capabilities that are as asked for."""
        return tuple(each for each in surveyed if self.keeps(each))


@dataclass(frozen=True, slots=True)
class Offer:
    """A value of a filter, in words, and how many capabilities it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


def offers(surveyed: Sequence[Surveyed], narrowing: Narrowing) -> list[tuple[Filter, list[Offer]]]:
    """Every filter with the values that there are, by what all other filters leave."""
    found = []
    for each in FILTERS:
        counts: Counter[str] = Counter()
        labels: dict[str, str] = {}
        chosen = narrowing.chosen.get(each.name, "")
        for one in surveyed:
            values = each.values(one)
            labels |= values
            if narrowing.keeps(one, aside=each.name):
                counts.update(values.keys())
        if chosen:
            labels.setdefault(chosen, chosen)
        shown = [Offer(value, labels[value], counts[value], value == chosen) for value in labels]
        shown = [offer for offer in shown if offer.count or offer.chosen]
        shown.sort(key=lambda offer: (_place(each.order, offer.value), offer.label))
        if shown:
            found.append((each, shown))
    return found


def _place(order: Sequence[str], value: str) -> int:
    return order.index(value) if value in order else len(order)
