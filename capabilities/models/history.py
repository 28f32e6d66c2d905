"""How the distance from current to ideal went: read off the audit entries alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from django.db.models import Max, Min, Q

from ..machines.diff import diff
from ..machines.machine import Machine
from ..machines.notation import read
from .audit import AuditEntry
from .definitions import Kind

MOST = 12
"""Points that are looked at."""

PERIODS = (("day", timedelta(days=1)), ("week", timedelta(weeks=1)))
"""What may lie between two points, the shortest first; after these, months."""

_AT_ONCE = 10_000  # numbers that a query may name: SQLite takes 32,766


@dataclass(frozen=True)
class Point:
    """How it was at the end of one period, or is now: differences, and capabilities that differ."""

    label: str
    differences: int
    capabilities: int


@dataclass(frozen=True)
class Progress:
    """The points in their order, and the period between two of them."""

    period: str
    points: tuple[Point, ...]


def progress(now: datetime) -> Progress:
    """The last periods, at most MOST, that the log tells of; none for an empty log.

    One query for the age of the log, one for the last entry of every machine at every point, and
    one for the texts of those entries.
    """
    first = AuditEntry.objects.aggregate(first=Min("at"))["first"]
    if first is None:
        return Progress("day", ())
    period, ends = ends_of_periods(datetime.fromisoformat(first), now)
    last = _last_entries(end for end, _ in ends)
    pairs = [_pairs(last, place) for place in range(len(ends))]
    texts = _texts({sequence for found in pairs for pair in found for sequence in pair})
    points = []
    for (_, label), found in zip(ends, pairs, strict=True):
        numbers = [_differences(texts[current], texts[ideal]) for current, ideal in found]
        points.append(Point(label, sum(numbers), sum(map(bool, numbers))))
    return Progress(period, tuple(points))


def ends_of_periods(first: datetime, now: datetime) -> tuple[str, list[tuple[datetime, str]]]:
    """The period by the age of the log, and the end of each of the last ones with its label.

    The last point is now. Before the first entry there is none.
    """
    today = datetime.combine(now.date(), time(), UTC)
    for period, length in PERIODS:
        start = today if period == "day" else today - timedelta(days=today.weekday())
        if first >= start - (MOST - 1) * length:
            break
    else:
        period, length, start = "month", None, today.replace(day=1)
    ends = [(now, "now")]
    while len(ends) < MOST and start > first:
        ends.insert(0, (start, f"{start - timedelta(days=1):%Y-%m-%d}"))
        start = start - length if length else (start - timedelta(days=1)).replace(day=1)
    return period, ends


def _last_entries(ends: Iterable[datetime]) -> dict[tuple[str, str], list[int | None]]:
    """For each machine of a capability its last entry at each point, None where there was none."""
    points = {
        f"at_{place}": Max("sequence", filter=Q(at__lte=_as_stored(end)))
        for place, end in enumerate(ends)
    }
    entries = AuditEntry.objects.filter(subject=AuditEntry.Subject.DEFINITION).order_by()
    return {
        (name, kind): last
        for name, kind, *last in entries.values_list("name", "kind").annotate(**points)
    }


def _as_stored(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _pairs(last: dict[tuple[str, str], list[int | None]], place: int) -> list[tuple[int, int]]:
    """The entries of both machines of every capability that had an ideal at this point."""
    found = []
    for (name, kind), entries in last.items():
        current = last.get((name, Kind.CURRENT), [None] * (place + 1))[place]
        ideal = entries[place]
        if kind == Kind.IDEAL and current is not None and ideal is not None:
            found.append((current, ideal))
    return found


def _texts(sequences: set[int]) -> dict[int, str]:
    wanted = sorted(sequences)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = AuditEntry.objects.filter(sequence__in=wanted[start : start + _AT_ONCE])
        found.update(some.values_list("sequence", "after"))
    return found


def _differences(current: str, ideal: str) -> int:
    """How many differences there are; an ideal that is gone is the same as current."""
    return len(diff(_machine(current), _machine(ideal))) if ideal and ideal != current else 0


@lru_cache(maxsize=4096)
def _machine(text: str) -> Machine:
    """The machine of an entry, parsed once; what can be read of it, if it is damaged."""
    return Machine(read(text).transitions)
