"""Change requests: proposing, deciding about those of others, and applying what was approved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from capabilities.auditing import Author
from capabilities.authoring import capabilities, machine_templates, overrides, review
from capabilities.authoring.conflicts import ConflictError
from capabilities.machines.layers import changes_between
from capabilities.machines.notation import render, render_transition
from capabilities.machines.review import State
from capabilities.models import Capability, ChangeRequest, Kind, Override, Review, Shelf
from tests.factories import (
    COMPLETE,
    PASS,
    QA,
    SIMPLE,
    definition,
    effective,
    head,
    last_entries,
    line,
    state,
    template,
)
from tests.factories import seen as seen_definition
from tests.reviewing import ADA, BEA, CAL, NAME, applied, approved, keys, proposed, seen, state_of

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")
pytestmark = pytest.mark.usefixtures("seed")


def moves(key: Any = None, transition: Any = CANCEL) -> None:
    """Somebody edits the machine that a request is about."""
    overrides.put(definition=seen_definition(NAME), key=key, transition=transition, by=CAL)


# -- proposing


def test_a_request_keeps_the_machine_without_and_with_the_chosen_differences() -> None:
    before = effective(NAME)
    found = Review(proposed([COMPLETE]))
    assert found.base == before == effective(NAME)
    ideal = effective(NAME, Kind.IDEAL)
    assert found.proposed.by_key[COMPLETE] == ideal.by_key[COMPLETE]
    assert found.proposed.by_key[PASS] == before.by_key[PASS]
    assert found.state is State.OPEN
    (entry,) = last_entries(head() - 1)
    assert entry.summary == f"Proposed {found.request}: std_calibration current"
    assert found.written.sequence == entry.sequence


def test_nothing_chosen_is_refused() -> None:
    before = state()
    with pytest.raises(ValidationError, match="Nothing is proposed"):
        proposed([])
    assert state() == before


def test_a_proposal_of_what_is_something_else_by_now_is_late() -> None:
    with pytest.raises(ConflictError):
        proposed(seen="what-was-there")


@pytest.mark.parametrize("said", [{"title": ""}, {"title": "a\nb"}, {"ticket": "x" * 51}])
def test_a_title_or_a_ticket_that_cannot_be_is_told_at_its_field(said: dict[str, str]) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        proposed(None, **said)
    assert set(refused.value.message_dict) == set(said)
    assert state() == before


def test_a_text_with_mistakes_is_refused_with_all_of_them() -> None:
    with pytest.raises(ValidationError) as refused:
        review.propose_text(
            subject=review.Subject.of_definition(NAME, Kind.IDEAL),
            text="[A] - <b>\n[C\n",
            title="x",
            by=ADA,
        )
    assert len(refused.value.message_dict["text"]) == 2


# -- deciding

DECISIONS: dict[str, Callable[..., object]] = {
    "approve": review.approve,
    "ask": review.ask_for_changes,
    "refuse": review.refuse,
}
SAYS = {"approve": State.APPROVED, "ask": State.CHANGES_ASKED, "refuse": State.REFUSED}


@pytest.mark.parametrize("verb", DECISIONS)
def test_somebody_else_decides_and_whoever_proposed_it_cannot(verb: str) -> None:
    request = proposed()
    before = state()
    with pytest.raises(ValidationError, match="You proposed this change") as refused:
        DECISIONS[verb](request=request, seen=seen(request), words="Yes.", by=ADA)
    assert refused.value.code == review.OWN_REQUEST
    assert state() == before
    DECISIONS[verb](request=request, seen=seen(request), words="Yes.", by=BEA)
    assert state_of(request) is SAYS[verb]
    assert state() != before


def test_whoever_edited_it_cannot_decide_either() -> None:
    request = proposed()
    edit(request, by=BEA)
    with pytest.raises(ValidationError, match="You edited what is proposed"):
        review.approve(request=request, seen=seen(request), by=BEA)
    review.approve(request=request, seen=seen(request), by=CAL)
    assert state_of(request) is State.APPROVED


def test_nobody_without_an_account_decides() -> None:
    request = proposed()
    with pytest.raises(ValidationError, match="signed in"):
        review.approve(request=request, seen=seen(request), by=Author(None, "root", "command"))


def test_on_a_single_user_installation_the_author_may_approve(settings: Any) -> None:
    settings.SINGLE_USER = True
    request = proposed()
    review.approve(request=request, seen=seen(request), by=ADA)
    assert state_of(request) is State.APPROVED


@pytest.mark.parametrize("verb", ["ask", "refuse"])
def test_asking_for_changes_and_refusing_need_words(verb: str) -> None:
    request = proposed()
    with pytest.raises(ValidationError, match="Say it in words"):
        DECISIONS[verb](request=request, seen=seen(request), words=" ", by=BEA)


# -- rewording


def reword(request: Any, by: Author = ADA, **said: str) -> Any:
    words = {"title": "Tell of completion after QA", "words": "Two\r\nlines.", **said}
    return review.reword(request=request, seen=seen(request), by=by, **words)


def test_its_author_rewords_it_and_the_history_keeps_what_it_said() -> None:
    request = proposed()
    machines_before = Review(request).proposed
    before = request.wording
    assert before == "Title: QA as it should be\n\nTicket: WS-807\n\nAs agreed."
    found = reword(request)
    stored = ChangeRequest.objects.get()
    assert (stored.title, stored.words, stored.ticket) == (
        *("Tell of completion after QA", "Two\nlines.", ""),
    )
    assert found == stored
    event = Review(stored).events[-1]
    assert (event.verb, event.base, event.proposed) == ("reworded", before, stored.wording)
    assert Review(stored).proposed == machines_before


def test_words_withdraw_no_approval_and_make_nobody_a_writer() -> None:
    request = approved()
    reword(request)
    assert state_of(request) is State.APPROVED
    review.apply(request=request, seen=seen(request), by=CAL)
    assert state_of(request) is State.APPLIED


@pytest.mark.parametrize("by", [BEA, Author(None, "ada", "command")])
def test_nobody_else_rewords_it(by: Author) -> None:
    request = proposed()
    before = state()
    with pytest.raises(ValidationError, match="These are the words of ada"):
        reword(request, by)
    assert state() == before


def test_what_is_no_title_or_says_the_same_is_refused_and_a_closed_one_keeps_its_words() -> None:
    request = proposed()
    before = state()
    with pytest.raises(ValidationError) as refused:
        reword(request, title=" ", ticket="x" * 51)
    assert set(refused.value.message_dict) == {"title", "ticket"}
    with pytest.raises(ValidationError, match="It says that already"):
        reword(request, title=request.title, words=request.words, ticket=request.ticket)
    assert state() == before
    review.withdraw(request=request, seen=seen(request), by=ADA)
    with pytest.raises(ConflictError, match="withdrawn by now"):
        reword(request)


# -- editing


def edit(request: Any, by: Author = ADA) -> None:
    text = render(Review(request).proposed) + render_transition(CANCEL)
    review.edit(request=request, seen=seen(request), text=text, words="One more.", by=by)


def test_an_edit_withdraws_the_approval() -> None:
    request = approved()
    edit(request)
    assert state_of(request) is State.OPEN
    assert CANCEL.key in Review(request).proposed.by_key
    with pytest.raises(ValidationError, match="only what is approved is applied"):
        review.apply(request=request, seen=seen(request), by=CAL)


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_decision_about_a_text_that_was_edited_meanwhile_is_late(verb: str) -> None:
    request = proposed()
    late = seen(request)
    edit(request)
    before = state()
    with pytest.raises(ConflictError, match="What is proposed was changed"):
        DECISIONS[verb](request=request, seen=late, words="Yes.", by=BEA)
    assert state() == before


def test_an_edit_that_changes_nothing_is_refused() -> None:
    request = proposed()
    found = Review(request)
    for machine, told in ((found.proposed, "proposed already"), (found.base, "Nothing is left")):
        with pytest.raises(ValidationError, match=told):
            review.edit(request=request, seen=seen(request), text=render(machine), by=ADA)


def test_only_who_proposed_it_withdraws_it_and_then_it_is_closed() -> None:
    request = proposed()
    with pytest.raises(ValidationError, match="Only ada"):
        review.withdraw(request=request, seen=seen(request), by=BEA)
    review.withdraw(request=request, seen=seen(request), by=ADA)
    assert state_of(request) is State.WITHDRAWN
    with pytest.raises(ConflictError, match="is withdrawn by now"):
        review.approve(request=request, seen=seen(request), by=BEA)
    review.comment(request=request, seen=seen(request), words="A pity.", by=BEA)
    assert state_of(request) is State.WITHDRAWN


# -- applying


def test_applying_is_one_entry_that_makes_exactly_what_was_approved() -> None:
    request = approved([COMPLETE])
    wanted, before, since = Review(request).proposed, effective(NAME), head()
    review.apply(request=request, seen=seen(request), by=CAL)
    assert effective(NAME) == wanted
    (entry,) = last_entries(since)
    assert (entry.before, entry.after) == (render(before), render(wanted))
    assert entry.summary.startswith("Applied change request")
    assert Review(request).written.sequence == entry.sequence
    assert state_of(request) is State.APPLIED


def test_some_differences_are_the_fewest_overrides_over_the_same_layers() -> None:
    request = approved([COMPLETE])
    made = Review(request)
    review.apply(request=request, seen=seen(request), by=CAL)
    found = definition(NAME)
    assert found.machine_template == template(SIMPLE)
    base = found.base(Shelf())
    assert [each.key for each in found.overrides.all()] == [
        each.key for each in changes_between(base, made.proposed)
    ]


def test_all_differences_put_current_on_the_layers_of_the_ideal_if_they_are_fewer() -> None:
    ideal = definition(NAME, Kind.IDEAL)
    before = Override.objects.filter(definition=definition(NAME)).count()
    assert ideal.machine_template == template(QA)
    assert ideal.overrides.count() < before
    applied()
    assert definition(NAME).machine_template == template(QA)
    assert definition(NAME).overrides.count() == ideal.overrides.count()
    assert effective(NAME) == effective(NAME, Kind.IDEAL)


def test_the_layers_of_the_ideal_are_not_taken_where_one_is_retired() -> None:
    machine_templates.retire(machine_template=template(QA), version=template(QA).version, by=CAL)
    applied()
    assert definition(NAME).machine_template == template(SIMPLE)
    assert effective(NAME) == effective(NAME, Kind.IDEAL)


def test_what_is_not_approved_is_not_applied() -> None:
    request = proposed()
    before = state()
    with pytest.raises(ValidationError, match="only what is approved is applied"):
        review.apply(request=request, seen=seen(request), by=CAL)
    assert state() == before


def test_it_is_applied_once() -> None:
    request = applied()
    before = state()
    with pytest.raises(ConflictError, match="is applied by now"):
        review.apply(request=request, seen=seen(request), by=CAL)
    assert state() == before


def test_an_ideal_that_was_the_same_as_current_begins() -> None:
    text = render(effective("null")) + render_transition(CANCEL)
    request = review.propose_text(
        subject=review.Subject.of_definition("null", Kind.IDEAL), text=text, title="x", by=ADA
    )
    review.approve(request=request, seen=seen(request), by=BEA)
    review.apply(request=request, seen=seen(request), by=CAL)
    assert effective("null", Kind.IDEAL) == Review(request).proposed
    assert CANCEL.key not in effective("null").by_key


def test_a_machine_template_is_changed_with_all_that_use_it() -> None:
    machine = Shelf().machine(template(SIMPLE).pk)
    request = review.propose_text(
        subject=review.Subject.of_template(SIMPLE),
        text=render(machine) + render_transition(CANCEL),
        title="x",
        by=ADA,
    )
    review.approve(request=request, seen=seen(request), by=BEA)
    review.apply(request=request, seen=seen(request), by=CAL)
    assert CANCEL.key in Shelf().machine(template(SIMPLE).pk).by_key
    assert CANCEL.key in effective("null").by_key
    assert Review(request).written.sequence in {
        each.sequence for each in last_entries() if each.name == SIMPLE
    }


# -- when the machine moves


def test_where_the_machine_moved_nobody_approves_or_applies() -> None:
    open_one, ready = proposed(), approved()
    moves()
    before = state()
    for verb, request, by in ((review.approve, open_one, BEA), (review.apply, ready, CAL)):
        with pytest.raises(ConflictError, match="std_calibration current was changed"):
            verb(request=request, seen=seen(request), by=by)
    assert state() == before


def test_bringing_it_up_to_date_keeps_both_and_asks_for_approval_again() -> None:
    request = approved()
    moves()
    review.bring_up_to_date(request=request, seen=seen(request), by=ADA)
    found = Review(request)
    assert found.state is State.OPEN
    assert found.base == effective(NAME)
    ideal = effective(NAME, Kind.IDEAL)
    for key in keys():
        if key != CANCEL.key:
            assert found.proposed.by_key.get(key) == ideal.by_key.get(key)
    assert CANCEL.key in found.proposed.by_key


def test_what_both_changed_has_to_be_chosen() -> None:
    request = proposed()
    other = line(f"{COMPLETE} {{QaPass}} -> [Complete]")
    moves(COMPLETE, other)
    with pytest.raises(ValidationError, match="Choose what"):
        review.bring_up_to_date(request=request, seen=seen(request), by=ADA)
    wanted = Review(request).proposed.by_key[COMPLETE]
    review.bring_up_to_date(
        request=request, seen=seen(request), proposed_at={COMPLETE: True}, by=ADA
    )
    assert Review(request).proposed.by_key[COMPLETE] == wanted


def test_what_is_up_to_date_or_leaves_nothing_to_change_is_told() -> None:
    request = proposed([COMPLETE])
    with pytest.raises(ValidationError, match="up to date already"):
        review.bring_up_to_date(request=request, seen=seen(request), by=ADA)
    moves(COMPLETE, Review(request).proposed.by_key[COMPLETE])
    with pytest.raises(ValidationError, match="Nothing is left to change"):
        review.bring_up_to_date(request=request, seen=seen(request), by=ADA)


def test_a_request_outlives_its_capability_and_stays_what_it_was() -> None:
    done, waiting = applied(), proposed_text()
    texts = Review(done).written.base, Review(done).written.proposed
    capabilities.remove(capability=Capability.objects.get(name=NAME), by=CAL)
    found = Review(done)
    assert (found.written.base, found.written.proposed) == texts
    assert found.state is State.APPLIED
    assert found.now is None
    with pytest.raises(ValidationError, match="was removed"):
        review.bring_up_to_date(request=waiting, seen=seen(waiting), by=ADA)
    review.withdraw(request=waiting, seen=seen(waiting), by=ADA)
    assert state_of(waiting) is State.WITHDRAWN


def proposed_text() -> Any:
    subject = review.Subject.of_definition(NAME, Kind.CURRENT)
    return review.propose_text(
        subject=subject, text=render_transition(CANCEL), title="Short", by=ADA
    )
