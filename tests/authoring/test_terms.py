"""The registry of known names."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import terms
from capabilities.authoring.plans import Plan
from capabilities.machines.checks import check
from capabilities.machines.vocabulary import PUBLISHED, TERM_KINDS
from capabilities.models import Term, vocabulary

from ..factories import editor_author, effective, head, state


@pytest.mark.django_db
def test_an_empty_registry_is_filled_with_the_published_names() -> None:
    terms.register_published(by=editor_author())
    found = vocabulary()
    for kind in TERM_KINDS:
        assert found.known(kind) == PUBLISHED.known(kind)
    assert found.actions == PUBLISHED.actions
    assert found.finals == PUBLISHED.finals == {"Complete", "Failed"}


@pytest.mark.django_db
def test_a_registry_with_any_name_stays_as_it_is() -> None:
    terms.save(term=Term(kind="state", name="Paused"), by=editor_author())
    assert terms.register_published(by=editor_author()) == []
    assert list(Term.objects.values_list("kind", "name")) == [("state", "Paused")]


def test_a_registered_name_is_no_finding_any_more_until_it_is_removed(seed: Plan) -> None:
    def found() -> list[str]:
        machine = effective("std_calibration", "ideal")
        return [
            each.code
            for each in check(machine, capability="std_calibration", vocabulary=vocabulary())
            if each.code.startswith("unknown")
        ]

    assert found() == ["unknown-notification"]
    saved = terms.save(term=Term(kind="notification", name="ingest-failed"), by=editor_author())
    assert found() == []
    terms.remove(term=saved, by=editor_author())
    assert found() == ["unknown-notification"]


def test_every_capability_is_a_known_workflow(seed: Plan) -> None:
    assert "null_dag" in vocabulary().workflows


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (
            {"kind": "state", "name": "Start"},
            "Term with this Kind and Name already exists.",
        ),
        (
            {"kind": "state", "name": "S", "argument": "message"},
            "Constraint “only_actions_take_arguments” is violated.",
        ),
        (
            {"kind": "event", "name": "e", "final": True},
            "Constraint “only_states_are_final” is violated.",
        ),
        ({"kind": "colour", "name": "red"}, "Value 'colour' is not a valid choice."),
        ({"kind": "state", "name": "a\x00"}, "This has the unusable character U+0000."),
        (
            {"kind": "state", "name": "x" * 201},
            "Ensure this value has at most 200 characters (it has 201).",
        ),
    ],
)
def test_a_term_that_cannot_be_is_refused(seed: Plan, term: dict[str, object], told: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        terms.save(term=Term(**term), by=editor_author())
    assert told in refused.value.messages
    assert state() == before


def test_terms_change_no_machine_and_no_audit_entry(seed: Plan) -> None:
    count = head()
    terms.save(term=Term(kind="state", name="Paused"), by=editor_author())
    assert head() == count
