"""Change requests in the browser: proposing, the list, and deciding about those of others."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities, overrides, review
from capabilities.machines.diff import Kind as DiffKind
from capabilities.machines.diff import diff
from capabilities.machines.notation import render, render_transition
from capabilities.machines.review import State
from capabilities.models import AuditEntry, Capability, ChangeRequest, Kind, Review, Shelf
from tests.factories import (
    COMPLETE,
    PASS,
    SIMPLE,
    effective,
    last_entries,
    line,
    state,
    template,
)
from tests.factories import seen as seen_definition
from tests.html import Element, read
from tests.people import EDITOR, HTMX, PLAIN, REVIEWER, SUPERUSER, VIEWER, client_of, person
from tests.reviewing import ADA, BEA, CAL, NAME, applied, approved, keys, proposed, seen, state_of

PROPOSE = f"/capabilities/{NAME}/propose/"
CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")
WORDS = {"title": "QA as it should be", "words": "As agreed.", "ticket": "WS-807"}


@pytest.fixture
def reviewer(seed: object) -> Client:
    return client_of(REVIEWER)


def author_of(role: str) -> Author:
    return Author(person(role).pk, role, "page")


def of_editor() -> ChangeRequest:
    """What the signed-in editor proposed."""
    return proposed(by=author_of(EDITOR))


def choice(*chosen: Any) -> str:
    return f"{PROPOSE}?{urlencode([('key', each) for each in ticks(*chosen)])}"


def ticks(*chosen: Any) -> list[str]:
    """The boxes of differences, as they are sent."""
    return [urlencode(key._asdict()) for key in chosen]


def form_of(response: Any, id_: str = "proposal") -> Element:
    return read(response).one("form", id=id_)


def post(
    client: Client, request: ChangeRequest, verb: str, words: str = "Yes.", **more: Any
) -> Any:
    data = {"verb": verb, "seen": seen(request), "words": words, **more}
    return client.post(request.get_absolute_url(), data)


def ids(response: Any) -> set[str]:
    return {each["id"] for each in read(response)}


# -- proposing


def test_each_difference_can_be_ticked_on_the_comparison_by_those_who_may_propose(
    editor: Client, viewer: Client
) -> None:
    page = f"/capabilities/{NAME}/"
    tree = read(editor.get(page))
    ticks = [each for each in tree.all("input", name="key") if each["form"] == "propose"]
    assert len(ticks) == len(keys())
    assert tree.one("form", id="propose")["action"] == PROPOSE
    assert not read(viewer.get(page)).all("input", name="key")


def test_the_chosen_differences_are_shown_and_proposed(editor: Client) -> None:
    response = editor.get(choice(COMPLETE))
    assert "1 transition is changed" in read(response).one("p", class_="verdict").text
    form = form_of(response)
    assert read(response).one(id="made-of").says("It will be made of “Simple run-workflow” with")
    response = editor.post(form["action"], {**form.typed, **WORDS})
    request = ChangeRequest.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == request.get_absolute_url()
    found = Review(request)
    assert [each.key for each in diff(found.base, found.proposed)] == [COMPLETE]
    assert (request.title, request.words, request.ticket) == tuple(WORDS.values())
    assert (request.author, request.author_id) == (EDITOR, person(EDITOR).pk)


def test_without_a_choice_all_differences_are_offered_and_none_is_proposed(editor: Client) -> None:
    form = form_of(editor.get(PROPOSE))
    assert len(form.all("input", name="key")) == len(keys())
    response = editor.post(form["action"], {**form.typed, **WORDS})
    assert response.status_code == 422
    assert form_of(response).all("ul", class_="errorlist")
    assert not ChangeRequest.objects.exists()
    assert "nothing to propose" in read(editor.get("/capabilities/null/propose/")).text


def test_only_what_was_shown_is_proposed_however_the_ticks_are_moved(editor: Client) -> None:
    form = form_of(editor.get(choice(COMPLETE)))
    data = {**form.typed, **WORDS, "key": ticks(PASS)}
    for more, status in (({"verb": "show"}, 200), ({}, 422)):
        response = editor.post(form["action"], {**data, **more})
        assert response.status_code == status
        again = form_of(response)
        assert [each["value"] for each in again.all("input") if _is_ticked(each)] == ticks(PASS)
        assert again.typed["words"] == "As agreed."
        assert not {"show-old", "show-new"} & ids(response)
        assert not ChangeRequest.objects.exists()
    assert editor.post(again["action"], {**data, "seen": again.typed["seen"]}).status_code == 302
    found = Review(ChangeRequest.objects.get())
    assert [each.key for each in diff(found.base, found.proposed)] == [PASS]


def _is_ticked(element: Element) -> bool:
    return element["name"] == "key" and "checked" in element.attributes


def test_what_has_to_be_mended_is_told_and_what_was_typed_stays(editor: Client) -> None:
    form = form_of(editor.get(choice(COMPLETE)))
    before = state()
    for words, status in (({"title": ""}, 422), ({"title": "x", "ticket": "a" * 51}, 422)):
        response = editor.post(form["action"], {**form.typed, **WORDS, **words})
        assert response.status_code == status
        assert form_of(response).typed["words"] == "As agreed."
    response = editor.post(form["action"], {**form.typed, **WORDS, "seen": ""})
    assert response.status_code == 428
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=PASS, by=CAL)
    overrides.drop(definition=seen_definition(NAME), key=PASS, by=CAL)
    response = editor.post(form["action"], {**form.typed, **WORDS})
    assert response.status_code == 409
    assert state()["ChangeRequest"] == before["ChangeRequest"]


@pytest.mark.parametrize(
    ("path", "about"),
    [
        (f"/capabilities/{NAME}/ideal/propose/", f"{NAME} ideal"),
        (f"/machine-templates/{SIMPLE}/propose/", f"machine template {SIMPLE}"),
    ],
)
def test_any_edit_is_proposed_as_a_text(editor: Client, path: str, about: str) -> None:
    form = form_of(editor.get(path))
    text = form.typed["text"] + render_transition(CANCEL)
    response = editor.post(form["action"], {**form.typed, "text": text, "verb": "show"})
    assert read(response).one("p", class_="verdict").says(f"{CANCEL.key} is added")
    assert not form_of(response).all("ul", class_="errorlist")
    assert form_of(response).typed["text"].split() == text.split()
    assert not ChangeRequest.objects.exists()
    response = editor.post(form["action"], {**form.typed, **WORDS, "text": "[A"})
    assert response.status_code == 422
    assert form_of(response).one("ul", class_="errorlist").says("line 1, column 1")
    response = editor.post(form["action"], {**form.typed, **WORDS, "text": text})
    assert response.status_code == 302
    request = ChangeRequest.objects.get()
    assert request.target == about
    assert CANCEL.key in Review(request).proposed.by_key


def test_the_text_editor_hands_over_what_is_typed(editor: Client) -> None:
    page = f"/capabilities/{NAME}/current/"
    button = read(editor.get(f"{page}text/")).one("button", id="propose-text")
    assert button["formaction"] == f"{page}propose/"
    response = editor.post(
        button["formaction"], {"text": render_transition(CANCEL), "version": "1"}
    )
    assert response.status_code == 200
    assert form_of(response).typed["text"].strip() == render_transition(CANCEL)
    assert not ChangeRequest.objects.exists()


# -- the list


def test_an_empty_list_says_where_to_begin_to_those_who_may_propose(
    editor: Client, viewer: Client
) -> None:
    shown = read(editor.get("/change-requests/"))
    assert shown.one("p", class_="empty").one("a")["href"] == "/"
    assert not shown.all("ul", class_="choices")
    assert not read(viewer.get("/change-requests/")).one("p", class_="empty").all("a")


def test_the_list_has_the_open_ones_first_and_can_be_narrowed(viewer: Client) -> None:
    waiting, done = proposed([PASS], title="<b>Waits</b>", by=BEA), applied()
    response = viewer.get("/change-requests/")
    rows = read(response).one("table").all("tr")[1:]
    assert [each.one("th").text for each in rows] == [waiting.title, done.title]
    assert rows[1].says("● applied")
    assert b"<b>Waits" not in response.content
    links = {each.text: each["href"] for each in read(response).all("a", class_="choice")}
    assert {"all 2", "? open 1", "● applied 1", "✓ approved 0", "ada 1", "bea 1"} <= set(links)
    for link, title in (("● applied 1", done.title), ("bea 1", waiting.title)):
        rows = read(viewer.get(f"/change-requests/{links[link]}")).one("table").all("tr")[1:]
        assert [each.one("th").text for each in rows] == [title]
    nothing = read(viewer.get("/change-requests/?state=refused&name=null"))
    assert nothing.says("No change request is like that.")
    assert read(client_of(VIEWER).get("/change-requests/?state=refused")).says("Show all")


def test_a_filter_of_many_names_is_folded_until_one_is_chosen(viewer: Client) -> None:
    for number in range(12):
        name = f"capability_{number}"
        columns = {"subject": "definition", "kind": "current", "title": "x", "author": "ada"}
        ChangeRequest.objects.create(name=name, **columns)
    for query, is_open in (("", False), ("?name=capability_3", True)):
        folded = read(viewer.get(f"/change-requests/{query}")).one("details")
        assert folded.says("Choose one of 12")
        assert ("open" in folded.attributes) is is_open


def test_many_requests_come_in_pages_that_keep_the_filter(viewer: Client) -> None:
    for number in range(51):
        ChangeRequest.objects.create(
            subject="definition", name=NAME, kind="current", title=f"{number}", author="ada"
        )
    tree = read(viewer.get("/change-requests/?author=ada"))
    assert tree.says("50 of 51")
    (link,) = [each["href"] for each in tree.all("a") if each.text == "Next"]
    assert read(viewer.get(f"/change-requests/{link}")).says("51 of 51")


# -- deciding


@pytest.mark.parametrize(
    ("verb", "after"),
    [("approve", State.APPROVED), ("ask", State.CHANGES_ASKED), ("refuse", State.REFUSED)],
)
def test_a_reviewer_decides_about_what_an_editor_proposed(
    reviewer: Client, verb: str, after: State
) -> None:
    request = of_editor()
    page = reviewer.get(request.get_absolute_url())
    assert {"approve", "ask", "refuse", "comment"} <= ids(page)
    assert not {"withdraw", "edit", "apply"} & ids(page)
    response = post(reviewer, request, verb, "I have <read> it.")
    assert response.status_code == 302
    assert state_of(request) is after
    tree = read(reviewer.get(request.get_absolute_url()))
    assert tree.one(id="history").says(f"{REVIEWER} {Review(request).events[-1].verb}")
    assert tree.one(id="history").says("I have <read> it.")
    said = [each for each in tree.all(id="asked") if each.says("I have <read> it.")]
    assert bool(said) is (after in (State.CHANGES_ASKED, State.REFUSED))


WAYS = pytest.mark.parametrize("way", [PLAIN, HTMX], ids=["plain", "htmx"])


@WAYS
@pytest.mark.parametrize("role", [EDITOR, SUPERUSER, "both"])
def test_who_proposed_it_cannot_approve_it_by_any_url_or_method(
    seed: object, role: str, way: Mapping[str, str]
) -> None:
    name = EDITOR if role == "both" else role
    if role == "both":  # an editor who is a reviewer too
        person(EDITOR).groups.add(Group.objects.get(name=REVIEWER))
    client = client_of(name)
    form = form_of(client.get(choice(*keys())))
    client.post(form["action"], {**form.typed, **WORDS, "key": ticks(*keys())})
    request = ChangeRequest.objects.get()
    url, before = request.get_absolute_url(), state()
    page = client.get(url)
    assert not {"approve", "ask", "refuse", "apply"} & ids(page)
    why = "Reviewers decide" if role == EDITOR else "You proposed this change"
    assert read(page).one(id="why-not").says(why)
    data = {"verb": "approve", "seen": seen(request), "words": "Mine.", "by_id": "0", "author": "x"}
    for verb in ("approve", "ask", "refuse"):
        response = client.post(url, {**data, "verb": verb}, headers=way)
        assert response.status_code == 403
        if role != EDITOR:
            assert read(response).one(id="decide").says("somebody else has to decide about it")
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.generic(method, url, urlencode(data), headers=way).status_code == 405
    assert client.get(url, data, headers=way).status_code == 200
    assert client.post(url, {**data, "verb": "apply"}, headers=way).status_code == 422
    assert client.post(f"{url}edit/", data, headers=way).status_code == 422
    for model, pk in (("changerequest", request.pk), ("reviewevent", Review(request).written.pk)):
        admin = f"/admin/capabilities/{model}/"
        for path in (f"{admin}add/", f"{admin}{pk}/change/", f"{admin}{pk}/delete/"):
            assert client.post(path, {**data, "verb": "approved"}, headers=way).status_code == 403
    now = state()
    assert {model: now[model] for model in before} == before
    assert state_of(request) is State.OPEN
    assert post(client_of(REVIEWER), request, "approve").status_code == 302
    assert state_of(request) is State.APPROVED


def test_a_single_user_installation_says_so_on_every_page_and_lets_the_author_approve(
    seed: object, settings: Any
) -> None:
    client = client_of(SUPERUSER)
    request = proposed(by=author_of(SUPERUSER))
    url = request.get_absolute_url()
    assert "single-user" not in ids(client.get(url))
    settings.SINGLE_USER = True
    page = client.get(url)
    assert {"single-user", "approve"} <= ids(page)
    assert "single-user" in ids(client.get("/change-requests/"))
    assert post(client, request, "approve").status_code == 302
    assert state_of(request) is State.APPROVED


def test_a_viewer_reads_why_not_and_does_nothing(viewer: Client) -> None:
    request = proposed()
    tree = read(viewer.get(request.get_absolute_url()))
    assert tree.one(id="why-not").says("Reviewers decide about change requests")
    assert not tree.one(id="decide").all("form")
    before = state()
    for verb in ("approve", "comment", "apply", "update", "withdraw", "nothing"):
        assert post(viewer, request, verb).status_code == 403
    assert state() == before


def test_words_that_are_missing_and_a_text_that_was_edited_meanwhile_are_told(
    reviewer: Client,
) -> None:
    request = proposed()
    response = post(reviewer, request, "refuse", "")
    assert response.status_code == 422
    assert read(response).one(id="decide").says("Say it in words.")
    url, late = request.get_absolute_url(), seen(request)
    assert reviewer.post(url, {"verb": "approve"}).status_code == 428
    text = render(Review(request).proposed) + render_transition(CANCEL)
    review.edit(request=request, seen=late, text=text, by=ADA)
    response = reviewer.post(url, {"verb": "approve", "seen": late, "words": "I agree."})
    assert response.status_code == 409
    assert read(response).one(id="refusal").says("What is proposed was changed")
    assert read(response).one("textarea", id="id_words").raw.strip() == "I agree."
    assert state_of(request) is State.OPEN


def test_an_edit_withdraws_the_approval_and_the_page_says_so(editor: Client) -> None:
    request = approved()
    url = f"{request.get_absolute_url()}edit/"
    form = form_of(editor.get(url))
    assert form.says(["It is approved", " An edit withdraws the approval", ""][0])
    data = {**form.typed, "text": form.typed["text"] + render_transition(CANCEL), "words": "More."}
    assert editor.post(url, data).status_code == 302
    tree = read(editor.get(request.get_absolute_url()))
    assert tree.one("p", class_="lapsed").says("The approval by bea does not count any more")
    assert tree.one(id="history").says("↻ withdrawn by an edit")
    assert tree.one(id="history").says(f"{CANCEL.key} is added")
    assert tree.says("? open")
    assert editor.post(url, data).status_code == 409


def test_only_the_author_changes_its_words(editor: Client) -> None:
    mine, others = of_editor(), proposed([PASS])
    review.approve(request=mine, seen=seen(mine), by=BEA)
    assert "reword" not in ids(editor.get(others.get_absolute_url()))
    (link,) = read(editor.get(mine.get_absolute_url())).all("a", id="reword")
    form = form_of(editor.get(link["href"]), "wording")
    assert {**form.typed, **WORDS} == form.typed
    response = editor.post(link["href"], {**form.typed, "title": " "})
    assert response.status_code == 422
    assert form_of(response, "wording").typed["words"] == "As agreed."
    assert editor.post(link["href"], {**form.typed, "seen": ""}).status_code == 428
    data = {**form.typed, "title": "Another <title>"}
    response = editor.post(link["href"], data, follow=True)
    tree = read(response)
    assert tree.says("Another <title>")
    assert tree.says("✓ approved")
    assert tree.one(id="history").says("Title: QA as it should be")
    review.withdraw(request=mine, seen=seen(mine), by=author_of(EDITOR))
    assert editor.post(link["href"], {**data, "title": "x"}).status_code == 409
    assert "reword" not in ids(editor.get(mine.get_absolute_url()))
    before = state()
    for method in (editor.get, editor.post):
        assert method(f"{others.get_absolute_url()}words/", data).status_code == 403
    assert state() == before


def test_only_the_author_withdraws(editor: Client) -> None:
    mine, others = of_editor(), proposed([PASS])
    assert "withdraw" in ids(editor.get(mine.get_absolute_url()))
    assert "withdraw" not in ids(editor.get(others.get_absolute_url()))
    assert post(editor, others, "withdraw").status_code == 422
    assert post(editor, mine, "withdraw").status_code == 302
    tree = read(editor.get(mine.get_absolute_url()))
    assert tree.one(id="decide").says("It is withdrawn: nothing is left to decide.")


# -- applying


@pytest.mark.parametrize("role", [EDITOR, REVIEWER])
def test_an_editor_or_a_reviewer_applies_what_is_approved_once(seed: object, role: str) -> None:
    client, request = client_of(role), approved()
    wanted = Review(request).proposed
    page = client.get(request.get_absolute_url())
    assert "apply" in ids(page)
    made = "the same layers as the ideal: “Simple run-workflow” and “Run-workflow with single-stage"
    assert read(page).one("dl", class_="facts").says(made)
    assert post(client, request, "apply").status_code == 302
    assert effective(NAME) == wanted
    assert post(client, request, "apply").status_code == 409
    tree = read(client.get(request.get_absolute_url()))
    link = f"/log/{AuditEntry.objects.latest('sequence').sequence}/"
    assert tree.one("dl", class_="facts").one("a", href=link).says("of the log")
    entry = read(client.get(link))
    assert entry.one("a", href=request.get_absolute_url()).says(request.title)


def test_an_applied_request_is_undone_in_the_log_and_stays_applied(editor: Client) -> None:
    before, request = effective(NAME), approved()
    assert post(editor, request, "apply").status_code == 302
    written = last_entries()[-1]
    assert editor.post("/undo/", {"request": written.request}).status_code == 302
    assert effective(NAME) == before
    assert state_of(request) is State.APPLIED


def test_a_machine_template_is_changed_after_a_plan_of_all_that_change(reviewer: Client) -> None:
    machine = Shelf().machine(template(SIMPLE).pk)
    request = review.propose_text(
        subject=review.Subject.of_template(SIMPLE),
        text=render(machine) + render_transition(CANCEL),
        title="Cancel",
        by=ADA,
    )
    review.approve(request=request, seen=seen(request), by=BEA)
    before = state()
    response = post(reviewer, request, "apply", "At last.")
    assert response.status_code == 200
    assert state() == before
    tree = read(response)
    plan = tree.one(id="rehearsal")
    assert plan.says("machines change")
    digest = plan.one("input", name="plan")["value"]
    assert post(reviewer, request, "apply", plan="another").status_code == 409
    assert state() == before
    assert post(reviewer, request, "apply", "At last.", plan=digest).status_code == 302
    assert CANCEL.key in effective("null").by_key
    assert Review(request).events[-1].words == "At last."


def test_where_the_machine_moved_the_page_shows_what_and_asks_again(
    editor: Client, reviewer: Client
) -> None:
    request = approved()
    url = request.get_absolute_url()
    overrides.put(definition=seen_definition(NAME), key=None, transition=CANCEL, by=CAL)
    other = line(f"{COMPLETE} {{QaPass}} -> [Complete]")
    overrides.put(definition=seen_definition(NAME), key=COMPLETE, transition=other, by=CAL)
    for client in (editor, reviewer):
        moved = read(client.get(url)).one(id="moved")
        assert moved.says(f"{CANCEL.key} is added")
        assert not {"apply", "approve"} & ids(client.get(url))
    assert "update" not in ids(reviewer.get(url))
    for verb, client in (("apply", editor), ("approve", reviewer)):
        response = post(client, request, verb)
        assert response.status_code == (409 if verb == "apply" else 422)
    response = post(editor, request, "update")
    assert response.status_code == 422
    assert read(response).one(id="decide").says(f"Choose what {COMPLETE} is to be.")
    mine = read(response).one("input", id="proposed-1")
    response = post(editor, request, "update", **{mine["name"]: mine["value"]})
    assert response.status_code == 302
    found = Review(request)
    assert found.state is State.OPEN
    assert found.base == effective(NAME)
    assert {each.kind for each in diff(found.base, found.proposed)} <= set(DiffKind)
    assert "approve" in ids(reviewer.get(url))
    assert read(reviewer.get(url)).all("p", class_="lapsed")


def test_an_applied_request_is_shown_for_ever_from_its_own_text(viewer: Client) -> None:
    request = applied()
    url = request.get_absolute_url()

    def shown() -> list[str]:
        tree = read(viewer.get(url))
        return [tree.one("p", class_="verdict").text, tree.one("table", class_="differences").text]

    before = shown()
    assert viewer.get(url).status_code == 200
    overrides.drop(definition=seen_definition(NAME), key=COMPLETE, by=CAL)
    assert shown() == before
    capabilities.remove(capability=Capability.objects.get(name=NAME), by=CAL)
    assert shown() == before
    tree = read(viewer.get(url))
    assert tree.says("(removed since)")
    assert not tree.all("a", href=f"/capabilities/{NAME}/")


def test_a_request_whose_machine_is_gone_says_so(reviewer: Client) -> None:
    request = approved()
    capabilities.remove(capability=Capability.objects.get(name=NAME), by=CAL)
    tree = read(reviewer.get(request.get_absolute_url()))
    assert tree.one(id="moved").says("was removed since this was proposed")
    assert post(reviewer, request, "apply").status_code == 422
    assert post(reviewer, request, "refuse").status_code == 302
