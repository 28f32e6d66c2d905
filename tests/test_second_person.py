"""The second person for a release: who wrote what is new of it does not release it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from capabilities.auditing import Author
from capabilities.authoring import (
    machine_templates,
    overrides,
    releases,
    review,
    second_person,
)
from capabilities.authoring.plans import Plan
from capabilities.authoring.second_person import Written
from capabilities.machines.notation import render
from capabilities.models import Capability, Kind, Release

from .commands.running import run
from .factories import (
    COMPLETE,
    NAMES,
    SIMPLE,
    effective,
    head,
    seen,
    state,
    template,
    template_machine,
)
from .html import read
from .people import RELEASER, client_of, person
from .releasing import NAME, WARNINGS, released
from .reviewing import ADA, BEA, CAL, applied, approved
from .reviewing import seen as seen_text
from .test_queries import grow

NEW = "/releases/new/"


@pytest.fixture(autouse=True)
def by_another(settings: Any) -> None:
    settings.RELEASE_BY_ANOTHER = True


def write(by: Author, name: str = "null", kind: str = Kind.CURRENT) -> None:
    """Somebody drops what a machine has for COMPLETE, or brings it back."""
    definition = seen(name, kind)
    there = COMPLETE in effective(name, kind).by_key
    if there:
        overrides.drop(definition=definition, key=COMPLETE, by=by)
    else:
        overrides.restore(definition=definition, key=COMPLETE, by=by)


def names_of(by: Author, names: tuple[str, ...] = NAMES, kind: str = Kind.CURRENT) -> list[str]:
    return [each.name for each in releases.propose(names, kind, by).written]


def refusal(by: Author, **given: Any) -> list[str]:
    before = state()
    with pytest.raises(ValidationError) as refused:
        released(by=by, **given)
    assert state() == before
    return refused.value.message_dict["by"]


def of_null() -> list[Capability]:
    return list(Capability.objects.filter(name="null"))


def write_and_take_back(by: Author) -> None:
    """So that the machine is free of errors; both count."""
    write(by)
    write(by)


# -- the verb


def test_who_wrote_it_is_refused_and_another_person_releases(seed: Plan) -> None:
    write_and_take_back(ADA)
    assert refusal(ADA) == [
        f"You wrote what is new of null (entry {head()}): somebody else has to release it."
    ]
    assert released(by=BEA).number == 1
    assert released("Once more", by=BEA).number == 2  # a release is nothing that one wrote


def test_it_is_off_by_default(seed: Plan, settings: Any) -> None:
    settings.RELEASE_BY_ANOTHER = False
    write_and_take_back(ADA)
    assert names_of(ADA) == []
    assert released(by=ADA).number == 1


def test_what_was_released_before_does_not_count_any_more(seed: Plan) -> None:
    write_and_take_back(ADA)
    released(by=BEA)
    assert names_of(ADA) == []
    assert released("The second", by=ADA).number == 2


def test_a_release_of_other_machines_clears_nothing(seed: Plan) -> None:
    write_and_take_back(ADA)
    others = list(Capability.objects.exclude(name="null"))
    assert released(by=ADA, capabilities=others).number == 1
    assert names_of(ADA) == ["null"]
    assert names_of(ADA, kind=Kind.IDEAL) == ["null"]
    released("Null", by=BEA, capabilities=of_null())
    assert names_of(ADA) == []
    assert names_of(ADA, kind=Kind.IDEAL) == ["null"]  # its ideal, the same, was not


def test_only_the_kind_that_is_released_counts(seed: Plan) -> None:
    write(ADA, NAME, Kind.IDEAL)
    assert names_of(ADA) == []
    assert names_of(ADA, kind=Kind.IDEAL) == [NAME]


def test_what_a_machine_template_s_edit_changed_counts_for_who_edited_it(seed: Plan) -> None:
    before = {name: render(effective(name)) for name in NAMES}
    found = template(SIMPLE)
    machine_templates.drop(machine_template=found, key=COMPLETE, version=found.version, by=ADA)
    changed = [name for name in NAMES if render(effective(name)) != before[name]]
    assert names_of(ADA) == changed != []
    assert names_of(BEA) == []


def test_an_applied_request_counts_for_who_wrote_and_who_applied_it(seed: Plan) -> None:
    applied()  # proposed by ada, approved by bea, applied by cal
    assert names_of(ADA) == names_of(CAL) == [NAME]
    assert names_of(BEA) == []


def test_a_request_that_is_not_applied_changes_nothing(seed: Plan) -> None:
    approved()
    assert names_of(ADA) == names_of(BEA) == []


def test_a_request_of_a_machine_template_counts_for_all_that_it_changed(seed: Plan) -> None:
    lines = render(template_machine(SIMPLE)).splitlines()
    text = "\n".join(each for each in lines if "workflow-complete" not in each)
    request = review.propose_text(
        subject=review.Subject.of_template(SIMPLE), text=text, title="Less", by=ADA
    )
    review.approve(request=request, seen=seen_text(request), by=BEA)
    review.apply(request=request, seen=seen_text(request), by=CAL)
    assert "null" in names_of(ADA)
    assert names_of(ADA) == names_of(CAL)


def test_a_command_has_no_id_and_is_known_by_its_name_on_either_side(seed: Plan) -> None:
    eve, command = Author(107, "eve", "page"), Author(None, "eve", "release_machines")
    write_and_take_back(command)
    assert names_of(eve) == names_of(command) == ["null"]
    assert names_of(Author(108, "bob", "page")) == []
    released(by=BEA)
    write(eve)
    assert names_of(command) == ["null"]
    assert names_of(Author(109, "eve", "page")) == []  # somebody else who has that name now


def test_many_machines_are_named_as_far_as_a_sentence_goes() -> None:
    def told(number: int) -> str:
        return second_person.refusal([Written(f"m{each}", each) for each in range(number)])

    assert "of m0 (entry 0) and m1 (entry 1): somebody" in told(2)
    assert told(12).endswith("m9 (entry 9) and 2 other machines: somebody else has to release it.")


def test_it_takes_one_query_however_many_machines(seed: Plan, settings: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as on:
            releases.propose(releaser=ADA)
        settings.RELEASE_BY_ANOTHER = False
        with CaptureQueriesContext(connection) as off:
            releases.propose(releaser=ADA)
        settings.RELEASE_BY_ANOTHER = True
        return len(on) - len(off)

    assert asked() == 1
    grow(f"more_{each}" for each in range(30))
    assert asked() == 1


# -- the page and the command


def test_the_page_says_it_before_and_refuses_it_all_the_same(seed: Plan) -> None:
    author, client = person(RELEASER), client_of(RELEASER)
    page = read(client.get(NEW))
    assert "✓ you" in page.one(id="by-another").text
    posted = page.one("form", class_="release-form").typed
    write_and_take_back(Author(author.pk, author.username, "page"))
    page = read(client.get(NEW))
    told = page.one(id="by-another")
    assert "✕ not you You wrote what is new of 1 of these machines." in told.text
    assert told.one("a")["href"] == reverse("capabilities:log-entry", args=[head()])
    assert not page.all(id="release")
    assert page.one(id="blocked").text == "Somebody else has to release it; above it says why."
    before = state()
    ticked = [":".join(each) for each in WARNINGS]
    data = {**posted, "acknowledged": ticked, "title": "QA", "head": head()}
    response = client.post(NEW, data)
    assert response.status_code == 422
    assert "somebody else has to release it" in read(response).one(id="refusal").text
    assert state() == before


def test_the_page_says_nothing_of_it_by_default(seed: Plan, settings: Any) -> None:
    settings.RELEASE_BY_ANOTHER = False
    page = read(client_of(RELEASER).get(NEW))
    assert not page.all(id="by-another")
    assert page.all(id="release")


def test_the_command_says_it_and_ends_with_1(seed: Plan) -> None:
    ticked = [word for each in WARNINGS for word in ("--acknowledge", ":".join(each))]
    asked = ("release_machines", "--title", "QA", *ticked)
    write(Author.of_command("release_machines"))
    write(Author.of_command("release_machines"))
    before = state()
    for more in ((), ("--dry-run",)):
        ran = run(*asked, *more)
        assert ran.code == 1
        assert f"You wrote what is new of null (entry {head()}): " in ran.out
        assert ran.out.endswith("Nothing is released by you.\n")
    ran = run(*asked, "--json")
    assert (ran.code, ran.json["released"]) == (1, False)
    assert ran.json["written_by_you"] == [{"machine": "null", "entry": head()}]
    assert state() == before
    released(by=BEA)
    assert run(*asked).code == 0
    assert Release.objects.count() == 2
