"""What narrows the survey: filters that combine, and how many capabilities each would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .checks import RULES, Severity
from .deviations import State
from .survey import Surveyed

NO_TEMPLATE = "-"
"""What stands for no machine template; no slug begins like that."""


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


def _decisions(each: Surveyed) -> dict[str, str]:
    return {str(decided.state): f"some {decided.state}" for decided in each.decided}


def _questions(each: Surveyed) -> dict[str, str]:
    return {"open": "has open questions"} if each.questions else {}


_CODES = tuple(sorted(RULES, key=lambda code: list(Severity).index(RULES[code].severity)))

FILTERS = (
    Filter("differs", "Current and ideal", _differs, ("yes", "no")),
    Filter("decision", "Decisions", _decisions, tuple(map(str, State))),
    Filter("made", "Machine", _made, ("overridden", "unmatched")),
    Filter("template", "Machine template", _templates),
    Filter("findings", "Findings", _findings, ("any", *map(str, Severity), "none")),
    Filter("code", "Check", _codes, _CODES),
    Filter("questions", "Questions", _questions),
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
