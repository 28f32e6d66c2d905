"""The log: filters, pages, and one entry with its difference."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities, machine_templates, overrides, renames
from capabilities.machines.machine import Transition
from capabilities.models import AuditEntry, Capability, ChangeKind, Kind, Term
from capabilities.views import log_list
from tests.factories import (
    COMPLETE,
    QA,
    RESUME,
    SIMPLE,
    editor_author,
    head,
    line,
    seen,
    tampering,
    template,
)
from tests.html import Element, read
from tests.people import EDITOR, STAFF, VIEWER, client_of

ADA, BEA = Author(None, "ada", "page"), Author(None, "bea", "admin")


def items(tree: Element) -> list[Element]:
    return tree.all("li", class_="log-item")


def entries(tree: Element) -> list[Element]:
    return tree.one("table", class_="log").one("tbody").all("tr")


def numbers(tree: Element) -> list[int]:
    return [int(row.one("th").text) for row in entries(tree)]


def shown(tree: Element) -> set[str]:
    """The names of the machines that a page of the log tells of."""
    if tree.all("table", class_="log"):
        return {row.one("span", class_="name").text for row in entries(tree)}
    return {name.text for item in items(tree) for name in item.all("span", class_="name")}


def pages(tree: Element) -> dict[str, str]:
    found = tree.all("nav", class_="pages")
    return {each.text: each["href"] for nav in found for each in nav.all("a")}


def active(tree: Element) -> dict[str, str]:
    chips = tree.one("ul", class_="log-active").all("a", class_="chip")
    return {str(each.children[0]).strip(): each["href"] for each in chips}


def wide(number: int) -> Author:
    """One request that changes the template and every machine that uses it, `number` times."""
    author = Author(None, "wide", "page")
    for index in range(number):
        simple = template(SIMPLE)
        put = Transition("Queued", f"event-{index}", (), "Failed")
        machine_templates.put(
            machine_template=simple,
            key=None,
            transition=put,
            version=simple.version,
            message="at once",
            by=author,
        )
    return author


@pytest.fixture
def written(editor: Client) -> Client:
    """Two writes after the import: of ada with a message, of bea through the admin."""
    overrides.drop(definition=seen("null"), key=RESUME, message="as <agreed>", by=ADA)
    overrides.drop(definition=seen("std_calibration", "ideal"), key=RESUME, by=BEA)
    return editor


def test_what_one_request_did_is_one_item_and_the_newest_comes_first(written: Client) -> None:
    tree = read(written.get("/log/"))
    first, second, imported = items(tree)
    assert first.says("Dropped [Queued] - <resume> from std_calibration ideal")
    assert first.says("bea through admin")
    assert first.says("~ Overridden")
    assert second.says("as <agreed>")
    assert second.all("a")[0]["href"] == f"/log/{head() - 1}/"
    assert imported.says("⇥ Imported")
    assert [each.text for each in imported.one("details").all("summary")] == ["and 5 more"]
    links = [each["href"] for each in imported.all("a", class_="chip")]
    assert links == [f"/log/{number}/" for number in range(1, head() - 1)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "CALIB"}, {"std_calibration"}),
        ({"name": "null_"}, {"null_dag"}),
        ({"name": "null"}, {"null"}),
        ({"actor": "ada"}, {"null"}),
        ({"actor": "AD"}, {"null"}),
        ({"text": "AGREED"}, {"null"}),
        ({"text": "s <AG"}, {"null"}),
        ({"text": "dropped"}, {"null", "std_calibration"}),
        ({"kind": "ideal", "change": "overridden"}, {"std_calibration"}),
        ({"name": "null", "text": "dropped"}, {"null"}),
        ({"since": "2020-01-01", "actor": "bea"}, {"std_calibration"}),
        ({"change": "overridden"}, {"null", "std_calibration"}),
        ({"change": "removed"}, set()),
        ({"way": "admin"}, {"std_calibration"}),
        ({"way": "command"}, set()),
        ({"way": "page", "change": "overridden"}, {"null"}),
        ({"until": "2020-01-01"}, set()),
        ({"until": "9999-12-31", "actor": "bea"}, {"std_calibration"}),
    ],
)
def test_a_filter_keeps_what_it_asks_for_and_says_so(
    written: Client, asked: Mapping[str, str], found: set[str]
) -> None:
    tree = read(written.get("/log/", asked))
    assert shown(tree) == found
    typed = tree.one("form", class_="filter").typed
    assert {name: typed[name] for name in asked} == asked
    assert len(active(tree)) == len(asked)
    assert tree.says("No entry is like that.") is (not found)


def test_each_thing_that_is_asked_for_can_be_taken_away(written: Client) -> None:
    chips = active(read(written.get("/log/", {"actor": "ada", "change": "overridden"})))
    assert chips == {
        "Person: ada": "?change=overridden",
        "Kind of change: Overridden": "?actor=ada",
    }


def test_a_day_is_from_its_beginning_to_its_end(written: Client) -> None:
    day = AuditEntry.objects.get(pk=head()).at[:10]
    assert items(read(written.get("/log/", {"since": day, "until": day})))
    assert read(written.get("/log/", {"since": "2999-01-01"})).says("No entry is like that.")


@pytest.mark.parametrize("text", ["ÄNDERUNG", "änderung", "Änderung (50%_"])
def test_text_is_found_whatever_its_case_and_letters(editor: Client, text: str) -> None:
    message = "Eine Änderung (50%_ + mehr)"
    overrides.drop(definition=seen("null"), key=RESUME, message=message, by=ADA)
    assert shown(read(editor.get("/log/", {"text": text}))) == {"null"}
    assert not shown(read(editor.get("/log/", {"text": "Änderung.*mehr"})))


def test_a_machine_template_is_found_by_its_title_too(editor: Client) -> None:
    tree = read(editor.get("/log/", {"name": template(SIMPLE).title}))
    assert shown(tree) == {SIMPLE}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"since": "tomorrow"}, "“tomorrow” is no day; write it as 2026-01-31."),
        ({"kind": "future"}, "future is not one of the available choices."),
        ({"change": "eaten"}, "eaten is not one of the available choices."),
        ({"text": "x" * 201}, "at most 200 characters"),
        ({"request": "x" * 33}, "at most 32 characters"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "This day is before the first one."),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_field_and_stays_typed(
    written: Client, asked: Mapping[str, str], told: str
) -> None:
    answer = written.get("/log/", {**asked, "actor": "ada"})
    assert answer.status_code == 200
    form = read(answer).one("form", class_="log-filter")
    assert told in form.one("ul", class_="errorlist").text
    typed = form.typed
    for name in asked:
        if name not in ("kind", "change"):  # a list of choices has no other ones
            assert typed[name] == asked[name]
    assert shown(read(answer)) <= {"null"}
    if "since" in asked and "until" not in asked:
        assert form.one(id="id_since")["type"] == "text"  # a field of a day would hide it


def test_pages_go_on_from_a_request_whatever_was_added_since(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.views.log_list.PER_PAGE", 4)
    for _ in range(5):
        overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
        overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    newest = head()

    def told(tree: Element) -> list[str]:
        return [item.all("a")[0]["href"] for item in items(tree)]

    first = read(editor.get("/log/", {"change": "overridden"}))
    assert told(first) == [f"/log/{newest - n}/" for n in range(4)]
    assert set(pages(first)) == {"Older"}
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    second = read(editor.get("/log/" + pages(first)["Older"]))
    assert told(second) == [f"/log/{newest - n}/" for n in range(4, 8)]
    links = pages(second)
    assert links["Newest"] == "?change=overridden"
    assert "change=overridden" in links["Older"]
    third = read(editor.get("/log/" + links["Older"]))
    assert told(third) == [f"/log/{newest - n}/" for n in range(8, 10)]
    assert set(pages(third)) == {"Newest", "Newer"}
    back = read(editor.get("/log/" + pages(third)["Newer"]))
    assert told(back) == told(second)
    assert set(pages(back)) == {"Newest", "Newer", "Older"}
    assert told(read(editor.get("/log/" + pages(back)["Newer"]))) == [
        f"/log/{newest - n}/" for n in range(4)
    ]


def test_a_request_that_wrote_very_much_is_one_item_and_no_request_is_on_two_pages(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.views.log_list.PER_PAGE", 2)
    author = wide(4)
    overrides.drop(definition=seen("null"), key=RESUME, by=ADA)
    count = AuditEntry.objects.filter(request=author.request).count()
    assert count > log_list.MOST
    first = read(editor.get("/log/"))
    _, item = items(first)
    assert len(item.all("a", class_="chip")) == log_list.MOST
    assert item.says(f"{count - log_list.MOST} more entries")
    assert item.all("a")[-1]["href"] == f"/log/?request={author.request}"
    (imported,) = items(read(editor.get("/log/" + pages(first)["Older"])))
    assert imported.says("Imported")
    flat = read(editor.get("/log/", {"request": author.request}))
    assert len(entries(flat)) == 2
    assert set(pages(flat)) == {"Older"}
    assert "request=" in pages(flat)["Older"]
    assert set(active(flat)) == {f"Request: {author.request}"}


def test_two_requests_that_wrote_at_the_same_time_stay_two_items(editor: Client) -> None:
    one, other = Author(None, "one", "page"), Author(None, "other", "page")
    for _ in range(2):
        overrides.drop(definition=seen("null"), key=RESUME, by=one)
        overrides.restore(definition=seen("null"), key=RESUME, by=other)
    first, second, _ = items(read(editor.get("/log/")))
    assert (len(first.all("a", class_="chip")), first.says("other")) == (2, True)
    assert (len(second.all("a", class_="chip")), second.says("one")) == (2, True)


def test_what_else_a_request_did_is_counted_where_it_is_not_asked_for(editor: Client) -> None:
    author = wide(1)
    count = AuditEntry.objects.filter(request=author.request).count()
    (item,) = items(read(editor.get("/log/", {"kind": "ideal", "text": "at once"})))
    assert item.says(f"{count - 1} others of the same request")
    row = entries(read(editor.get("/log/", {"name": "null"})))[0]
    assert row.says(f"with {count - 1} others")


@pytest.mark.parametrize("before", ["x", "-1", "٣x", "9" * 5000, "", "0"])
def test_a_place_in_the_log_that_cannot_be_is_no_crash(editor: Client, before: str) -> None:
    for place in ("before", "after"):
        assert editor.get("/log/", {place: before}).status_code == 200


def test_an_empty_log_says_so(db: None) -> None:
    assert read(client_of(VIEWER).get("/log/")).says("Nothing is written here.")


def test_the_page_offers_names_of_machines_and_people(editor: Client) -> None:
    tree = read(editor.get("/log/"))
    names = [each["value"] for each in tree.one(id="log-names").all("option")]
    assert {"null", template(SIMPLE).title} <= set(names)
    assert [each["value"] for each in tree.one(id="log-people").all("option")] == ["editor"]


# -- two entries of one machine, to be compared


def test_two_entries_of_one_machine_are_chosen_without_scripts(written: Client) -> None:
    overrides.restore(definition=seen("null"), key=RESUME, by=ADA)
    tree = read(written.get("/log/", {"name": "null", "kind": "current"}))
    form = tree.one("form", id="log-compare")
    assert (form["method"], form["action"]) == ("get", "/compare/")
    newest, older, first = numbers(tree)
    assert form.typed == {"old": f"entry/{older}/after", "new": f"entry/{newest}/after"}
    offered = {(each["name"], each["value"]) for each in form.all("input")}
    assert ("old", f"entry/{first}/after") in offered
    assert all(each["aria-label"] for each in form.all("input"))


def test_one_entry_is_chosen_already_where_it_is_compared_from_its_page(written: Client) -> None:
    overrides.restore(definition=seen("null"), key=RESUME, by=ADA)
    newest, middle, first = numbers(read(written.get("/log/", {"name": "null"})))
    links = {each.text: each["href"] for each in read(written.get(f"/log/{middle}/")).all("a")}
    form = read(written.get(links["Compare with another entry"])).one("form", id="log-compare")
    assert form.typed == {"old": f"entry/{first}/after", "new": f"entry/{middle}/after"}
    page_two = {"name": "null", "before": str(newest), "new": f"entry/{newest}/after"}
    form = read(written.get("/log/", page_two)).one("form", id="log-compare")
    assert form.typed == {"old": f"entry/{middle}/after", "new": f"entry/{newest}/after"}


@pytest.mark.parametrize("new", ["entry/x/after", "<b>", "entry/" + "9" * 400 + "/after"])
def test_a_choice_that_cannot_be_chooses_the_newest_two(written: Client, new: str) -> None:
    typed = read(written.get("/log/", {"name": "null", "new": new})).one(id="log-compare").typed
    assert typed["new"] == f"entry/{head() - 1}/after"


def test_one_entry_alone_is_not_compared(written: Client) -> None:
    tree = read(written.get("/log/", {"name": SIMPLE}))
    assert len(entries(tree)) == 1
    assert not tree.all(id="log-compare")


# -- one entry


def test_an_entry_tells_who_when_why_and_the_difference(written: Client) -> None:
    entry = AuditEntry.objects.get(actor="ada")
    tree = read(written.get(f"/log/{entry.sequence}/"))
    facts = tree.one("dl", class_="facts")
    for fact in ("as <agreed>", "ada", entry.digest, f"{entry.at[:10]} {entry.at[11:16]} UTC"):
        assert facts.says(fact)
    assert facts.one("a")["href"] == "/capabilities/null/current/"
    assert tree.one("p", class_="verdict").says("[Queued] - <resume> is removed")
    row = tree.one("table", class_="differences").one("tbody").one("tr")
    assert row.says("− removed Queued resume")
    assert len(tree.one("details", class_="transitions-of").one("tbody").all("tr")) == 3
    assert tree.one("figure").one("svg")["aria-label"] == "Diagram of both: Before and After"
    views = tree.one("nav", aria_label="What the picture shows").all("a")
    assert [each.text for each in views] == ["Both", "Only before", "Only after"]
    kept = [each.raw for each in tree.all("pre", class_="notation")]
    assert kept[-2:] == [entry.before, entry.after]


def test_an_action_that_changed_is_told_as_one_action(editor: Client) -> None:
    overrides.put(
        definition=seen("null"),
        key=COMPLETE,
        transition=line(
            "[Executing] - <workflow-complete> {SendMessage execution_complete} "
            "{SendNotification other} -> [Complete]"
        ),
        by=ADA,
    )
    table = read(editor.get(f"/log/{head()}/")).one("table", class_="differences")
    (changed,) = table.all("li", class_="changed")
    assert changed.text == "~ {SendNotification workflow-complete other} other argument"
    assert changed.one("del").text == "workflow-complete"
    assert changed.one("ins").text == "other"


def test_every_row_link_of_an_entry_leads_to_a_row(written: Client) -> None:
    tree = read(written.get(f"/log/{head()}/"))
    ids = [each["id"] for each in tree if each["id"]]
    links = {each["href"] for svg in tree.all("svg") for each in svg.all("a")}
    assert links
    assert links <= {f"#{each}" for each in ids}
    assert len(ids) == len(set(ids))


def test_an_entry_lists_what_was_written_together_with_it(editor: Client) -> None:
    simple = template(SIMPLE)
    machine_templates.drop(machine_template=simple, key=RESUME, version=simple.version, by=ADA)
    own = AuditEntry.objects.filter(actor="ada", subject="machine template", name=SIMPLE).get()
    tree = read(editor.get(f"/log/{own.sequence}/"))
    together = tree.one("section", aria_labelledby="others-title")
    assert len(entries(together)) == AuditEntry.objects.filter(actor="ada").count() - 1
    assert tree.one("dl").one("a")["href"] == f"/machine-templates/{SIMPLE}/"


def test_an_entry_of_a_removed_capability_still_tells_its_machine(editor: Client) -> None:
    capabilities.remove(capability=Capability.objects.get(name="null"), by=ADA)
    tree = read(editor.get(f"/log/{head()}/"))
    assert tree.one("dl").says("null current (removed since)")
    assert not tree.one("dl").all("a")
    assert tree.one("p", class_="verdict").says("4 transitions are removed")
    assert len(tree.one("table", class_="differences").one("tbody").all("tr")) == 4


def test_an_entry_of_a_removed_machine_template_has_no_link(editor: Client) -> None:
    lonely = machine_templates.add(title="Lonely", by=ADA)
    machine_templates.remove(machine_template=lonely, version=lonely.version, by=ADA)
    assert not read(editor.get(f"/log/{head()}/")).one("dl").all("a")


@pytest.mark.parametrize("sequence", ["0", "99999", "9" * 30, "9" * 5000])
def test_an_entry_that_is_not_there_is_not_found(editor: Client, sequence: str) -> None:
    assert editor.get(f"/log/{sequence}/").status_code == 404


def test_an_entry_leads_to_those_of_the_same_machine_and_to_comparisons(written: Client) -> None:
    first = AuditEntry.objects.filter(name="null", kind="current").earliest("sequence")
    second = AuditEntry.objects.get(actor="ada")
    overrides.restore(definition=seen("null"), key=RESUME, by=ADA)
    history = read(written.get(f"/log/{second.sequence}/")).one("nav", id="log-history")
    links = {each["rel"]: each["href"] for each in history.all("a") if each["rel"]}
    assert links == {"prev": f"/log/{first.sequence}/", "next": f"/log/{head()}/"}
    now = {each.text: each["href"] for each in history.all("a")}["Compare with how it is now"]
    assert now == f"/compare/?old=entry/{second.sequence}/after&new=capability/null/current"


def test_a_comparison_with_now_names_a_machine_template_by_its_address(editor: Client) -> None:
    entry = AuditEntry.objects.get(subject="machine template", name=SIMPLE)
    links = {each.text: each["href"] for each in read(editor.get(f"/log/{entry.pk}/")).all("a")}
    assert links["Compare with how it is now"].endswith(f"&new=machine-template/{SIMPLE}")


@pytest.mark.parametrize("name", ["std_calibration", SIMPLE])
def test_an_entry_stays_the_same_whatever_becomes_of_what_it_names(
    editor: Client, name: str
) -> None:
    """All but what leads to what is there now: links, buttons, the token of the forms."""
    overrides.drop(
        definition=seen("std_calibration"), key=RESUME, message="why", by=Author.of(by_editor())
    )
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=Author.of(by_editor())
    )
    asked = {"name": name, "subject": AuditEntry.Subject.DEFINITION}
    if name == SIMPLE:
        asked["subject"] = AuditEntry.Subject.MACHINE_TEMPLATE
    pages = [f"/log/{each.sequence}/" for each in AuditEntry.objects.filter(**asked)]
    assert len(pages) >= 2
    before = [frozen(read(editor.get(url))) for url in pages]
    renames.rename(term_kind="state", old="Executing", new="Running", by=BEA)
    for capability in Capability.objects.all():
        capabilities.remove(capability=capability, by=BEA)
    for slug in (QA, SIMPLE):
        machine_templates.remove(
            machine_template=template(slug), version=template(slug).version, by=BEA
        )
    Term.objects.all().delete()
    User.objects.exclude(username=VIEWER).delete()
    assert [frozen(read(client_of(EDITOR).get(url))) for url in pages] == before


def by_editor() -> HttpRequest:
    request = HttpRequest()
    request.user = User.objects.get(username=EDITOR)
    return request


def frozen(tree: Element) -> list[str]:
    """What an entry says by its own text: facts, differences, both machines, both pictures."""
    facts = tree.one("dl", class_="facts")
    kept = [each.text for each in (*facts.all("dd"), *facts.all("dt"))]
    kept = [each.removesuffix(" (removed since)") for each in kept]
    kept = kept[: [each.text for each in facts.all("dt")].index("Digest") + 1]
    for part in (*tree.all("table", class_="differences"), *tree.all("div", class_="sides")):
        kept.append(part.text)
    return [*kept, tree.one("p", class_="verdict").text]


def test_the_log_is_only_read(editor: Client) -> None:
    for url in ("/log/", "/log/1/"):
        for method in ("post", "put", "delete"):
            assert getattr(editor, method)(url).status_code == 405


def test_the_log_needs_its_own_right(seed: object, way: Mapping[str, str]) -> None:
    for url in ("/log/", "/log/1/"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403
        assert client_of(VIEWER).get(url, headers=way).status_code == 200


def test_the_kinds_to_filter_by_are_those_that_there_are(editor: Client) -> None:
    form = read(editor.get("/log/")).one("form", class_="log-filter")
    kinds = {each["name"]: [o["value"] for o in each.all("option")] for each in form.all("select")}
    assert kinds["kind"] == ["", *Kind.values]
    assert kinds["change"] == ["", *ChangeKind.values]


def test_an_entry_whose_text_was_damaged_says_so(written: Client) -> None:
    with tampering():
        AuditEntry.objects.filter(sequence=head()).update(after="[Start] - nonsense")
    answer = written.get(f"/log/{head()}/")
    assert answer.status_code == 200
    assert "it was changed after it was written" in answer.content.decode()
