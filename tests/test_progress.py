"""Progress over time, out of the log alone."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capabilities.authoring import overrides
from capabilities.authoring.plans import Plan
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Kind
from capabilities.models.history import MOST, ends_of_periods, progress

from .factories import FAIL, editor_author, effective, head, machine_of, seen

NOW = datetime(2030, 5, 15, 12, tzinfo=UTC)  # a Wednesday
numbers = count(1_000_000)
CURRENT, IDEAL = (
    machine_of("[A] - <go> {no action} -> [B]"),
    machine_of("[A] - <go> {no action} -> [C]", "[C] - <go> {no action} -> [B]"),
)


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


def entry(ago: float, name: str, kind: str, after: str) -> None:
    """An entry of the log of so many days ago."""
    number = next(numbers)
    AuditEntry.objects.create(
        sequence=number,
        at=days(ago).isoformat(timespec="microseconds"),
        subject=AuditEntry.Subject.DEFINITION,
        name=name,
        kind=kind,
        after=after,
        previous=str(number),
        digest=str(number),
    )


def points(now: datetime = NOW) -> list[tuple[str, int, int]]:
    return [(each.label, each.differences, each.capabilities) for each in progress(now).points]


# -- the periods


@pytest.mark.parametrize(
    ("age", "period", "number"),
    [
        (0, "day", 1),
        (0.6, "day", 2),
        (10, "day", 11),
        (11, "day", 12),
        (12, "week", 3),
        (70, "week", 11),
        (100, "month", 4),
        (1000, "month", 12),
    ],
)
def test_the_period_follows_the_age_of_the_log(age: float, period: str, number: int) -> None:
    found, ends = ends_of_periods(days(age), NOW)
    assert (found, len(ends)) == (period, number)
    assert len(ends) <= MOST
    times = [at for at, _ in ends]
    assert times == sorted(times)
    assert days(age) < times[0] or age == 0
    assert ends[-1] == (NOW, "now")


def test_a_period_ends_at_midnight_and_is_called_by_its_last_day() -> None:
    def ends(age: float) -> list[tuple[str, str]]:
        return [(f"{at:%Y-%m-%d %H}", label) for at, label in ends_of_periods(days(age), NOW)[1]]

    assert ends(1)[-2] == ("2030-05-15 00", "2030-05-14")
    assert ends(20)[-2] == ("2030-05-13 00", "2030-05-12")  # a Sunday
    assert ends(100)[-3:-1] == [("2030-04-01 00", "2030-03-31"), ("2030-05-01 00", "2030-04-30")]


# -- the numbers


def test_an_empty_log_has_no_points(db: None) -> None:
    assert progress(NOW).points == ()


def test_each_point_has_what_was_so_then(db: None) -> None:
    entry(3, "a", Kind.CURRENT, render(CURRENT))
    entry(3, "b", Kind.CURRENT, render(CURRENT))
    entry(2, "a", Kind.IDEAL, render(IDEAL))
    entry(1, "b", Kind.IDEAL, render(IDEAL))
    entry(0.1, "a", Kind.CURRENT, render(IDEAL))
    assert points() == [
        ("2030-05-12", 0, 0),
        ("2030-05-13", 2, 1),
        ("2030-05-14", 4, 2),
        ("now", 2, 1),
    ]


def test_an_ideal_that_is_taken_away_is_the_same_as_current(db: None) -> None:
    entry(2, "a", Kind.CURRENT, render(CURRENT))
    entry(2, "a", Kind.IDEAL, render(IDEAL))
    entry(0.1, "a", Kind.IDEAL, "")
    assert points()[-2:] == [("2030-05-14", 2, 1), ("now", 0, 0)]


def test_entries_of_machine_templates_are_left_alone(db: None) -> None:
    entry(1, "a", Kind.CURRENT, render(CURRENT))
    AuditEntry.objects.create(
        sequence=1, at=days(1).isoformat(), subject="machine template", name="a", kind=Kind.IDEAL,
        after=render(IDEAL), previous="p", digest="d",
    )  # fmt: skip
    assert points()[-1] == ("now", 0, 0)


def test_a_damaged_entry_counts_as_what_can_be_read_of_it(db: None) -> None:
    entry(1, "a", Kind.CURRENT, render(CURRENT))
    entry(1, "a", Kind.IDEAL, f"{render(CURRENT)}\n[broken")
    assert points()[-1] == ("now", 0, 0)


def test_the_last_point_is_what_the_machines_are_now(seed: Plan) -> None:
    def last() -> tuple[int, int]:
        *_, point = progress(datetime.now(UTC)).points
        return point.differences, point.capabilities

    assert last() == (5, 1)
    put = effective("std_calibration", "ideal").by_key[FAIL]
    overrides.put(definition=seen("std_calibration"), key=FAIL, transition=put, by=editor_author())
    assert last() == (4, 1)


def test_the_queries_are_as_many_with_a_long_log(seed: Plan) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            progress(NOW)
        return len(made)

    few = queries()
    for ago in range(200):
        entry(ago, f"capability {ago % 9}", Kind.CURRENT, render(CURRENT))
        entry(ago, f"capability {ago % 9}", Kind.IDEAL, render(IDEAL))
    assert head() > 400
    assert queries() == few == 3
