"""What a dump is compared with: a release is what it was, and says nothing of other machines."""

import json
from datetime import date

import pytest

from capabilities.authoring import machine_templates
from capabilities.authoring.plans import Plan
from capabilities.deployment.against import CURRENT, UnknownAgainstError, choices, read_against
from capabilities.deployment.drift_reports import Report, as_json, as_markdown, report_of
from capabilities.deployment.dumps import Part, read_dump
from capabilities.deployment.fixtures import dump as fixture
from capabilities.deployment.fixtures import shelf_in
from capabilities.deployment.mapping import RowMapping
from capabilities.deployment.workspaces import machines_of
from capabilities.machines.known_drift import State
from capabilities.models import Capability, Kind, MachineTemplate, Release, Shelf

from ..drifted import dump, known, machine_missing, one_changed, typo
from ..factories import LIKE_SIMPLE, NAMES, RESUME, SIMPLE, editor_author, template
from ..releasing import NAME, adopt_ideal, deployed, released

MAPPING = RowMapping()


def some(*names: str) -> Release:
    """A release of these machines alone."""
    return released(capabilities=list(Capability.objects.filter(name__in=names)))


def compared(text: str, against: str) -> Report:
    found = read_dump([Part("x", text.encode())], MAPPING)
    return report_of(found, read_against(against, MAPPING), MAPPING, date(2026, 11, 24))


def test_a_release_has_the_machines_and_the_types_that_it_had(seed: Plan) -> None:
    released()
    before = machines_of()
    assert set(LIKE_SIMPLE) == {name for name, each in before.items() if each.type}
    assert read_against("release-1", MAPPING).machines == before
    adopt_ideal()
    simple = template(SIMPLE)
    machine_templates.drop(
        machine_template=simple, key=RESUME, version=simple.version, by=editor_author()
    )
    assert all(machines_of()[name] != before[name] for name in NAMES)
    assert read_against("release-1", MAPPING).machines == before
    assert read_against(CURRENT, MAPPING).machines == machines_of()


def test_a_release_of_ideal_machines_has_them_and_says_so(seed: Plan) -> None:
    ideal = machines_of(Kind.IDEAL)
    released(kind=Kind.IDEAL)
    found = read_against("release-1", MAPPING)
    assert found.machines == ideal != machines_of()
    assert found.title == "the ideal machines of release 1 “The first”"


def test_the_machine_templates_of_a_fixture_make_what_the_stored_ones_make(seed: Plan) -> None:
    stored = Shelf()
    whole = {slug: stored.machine(each.pk) for slug, each in stored.by_slug().items()}
    assert any(each.over_id for each in stored.templates.values())
    text = fixture()
    simple = template(SIMPLE)
    machine_templates.drop(
        machine_template=simple, key=RESUME, version=simple.version, by=editor_author()
    )
    MachineTemplate.objects.update(over=None)
    found = shelf_in(text)
    assert {slug: found.machine(each.pk) for slug, each in found.by_slug().items()} == whole


def test_an_environment_has_the_release_that_was_deployed_there_last(seed: Plan) -> None:
    first, second = released("One"), some("null", NAME)
    deployed(second, "production")
    deployed(first, "production")
    deployed(second, "dev")
    found = read_against("production", MAPPING)
    assert (found.release, found.environment) == (1, "production")
    assert found.title == "release 1 “One”, which is in production"
    assert set(read_against("dev", MAPPING).machines) == {"null", NAME}
    assert choices() == [
        ("current", "the current machines"),
        (
            "What is deployed there last",
            [("dev", "dev: release 2"), ("production", "production: release 1")],
        ),
        ("A release", [("release-2", "release 2: The first"), ("release-1", "release 1: One")]),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("release-7", "There is no release 7."),
        ("release-0", "There is no release 0."),
        ("release--1", "There is no release -1."),
        ("release-" + "9" * 40, "There is no release " + "9" * 40 + "."),
        ("test", "No release is deployed in test."),
        (
            "<b>",
            "“<b>” is nothing to compare with; expected one of current, release-1, local, dev, "
            "test, production.",
        ),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(seed: Plan, name: str, said: str) -> None:
    deployed(environment="dev")
    with pytest.raises(UnknownAgainstError) as refused:
        read_against(name, MAPPING)
    assert str(refused.value) == said


def test_a_release_says_nothing_of_machines_that_it_does_not_have(seed: Plan) -> None:
    some("null", NAME)
    report = compared(dump(one_changed, typo), "release-1")
    assert report.is_in_step
    assert set(report.machines) == {"null", NAME}
    assert report.scope.startswith(
        "Compared with release 1 “The first”: 2 machines, 10 transitions and "
    )
    assert report.scope.endswith(
        " 5 other machines are deployed, of which the release says nothing: not compared."
    )
    assert report.not_compared[-1] == (
        "test_download is not in release 1, so its machine is not compared."
    )
    assert len(report.not_compared) == 5
    # One that it has, and that is not deployed, is missing.
    some("test_download")
    report = compared(dump(machine_missing), "release-2")
    assert [each.capability for each in report.drifts] == ["test_download"]
    assert "6 other machines are deployed" in report.scope


def test_what_was_decided_does_not_close_where_it_is_not_compared(seed: Plan) -> None:
    known(one_changed)
    some("null")
    assert compared(dump(), CURRENT).standings[0].state is State.CLOSED
    assert compared(dump(), "release-1").standings == ()
    some("test_download")
    assert compared(dump(one_changed), "release-2").standings[0].state is State.KNOWN


def test_the_report_says_what_it_was_compared_with(seed: Plan) -> None:
    deployed(environment="production")
    report = compared(dump(one_changed), "production")
    assert json.loads(as_json(report))["against"] == {
        "title": "release 1 “The first”, which is in production",
        "release": 1,
        "environment": "production",
    }
    assert "Compared with release 1 “The first”, which is in production: " in as_markdown(report)
    assert json.loads(as_json(compared(dump(), CURRENT)))["against"] == {
        "title": "the current machines",
        "release": None,
        "environment": None,
    }
