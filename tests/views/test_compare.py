"""Any two machines compared: links that last, the form, and what each refuses."""

import base64
import random
import zlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import machine_templates, overrides
from capabilities.machines.notation import render
from capabilities.machines.packing import pack
from capabilities.models import AuditEntry, Override
from capabilities.views.comparing import LINK_LENGTH
from tests.factories import QA, RESUME, SIMPLE, effective, head, seen, state, tampering, template
from tests.html import Element, read
from tests.people import HTMX, STAFF, client_of

ADA = Author(None, "ada", "page")
NULL, CALIBRATION = "capability/null/current", "capability/std_calibration/ideal"
OLD = """\
[Start] - <go> {Run} -> [Busy]
[Busy] - <ok> {Mail} {Send done} {Log} -> [Done]
[Busy] - <no> {Say no} -> [Failed]
"""


def asked(client: Client, old: str, new: str, **more: str) -> Any:
    return client.get("/compare/", {"old": old, "new": new, **more})


def text(notation: str) -> str:
    return f"text/{pack(notation)}"


def typed(side: str, what: str, **fields: str) -> dict[str, str]:
    return {f"{side}-{name}": value for name, value in {"what": what, **fields}.items()}


def rows(tree: Element) -> list[Element]:
    return tree.one("table", class_="differences").one("tbody").all("tr")


# -- what is compared


def test_two_capabilities_are_compared_in_the_same_parts_as_one(viewer: Client) -> None:
    tree = read(asked(viewer, NULL, CALIBRATION))
    assert tree.one("p", class_="verdict").says("From null current to std_calibration ideal, ")
    assert len(tree.one("figure").all("svg")) == 1
    assert len(rows(tree)) == 7
    assert tree.one("details", class_="texts").one("pre").says("[Ingesting]")
    links = {each["href"] for each in tree.all("a")}
    assert links >= {"/capabilities/null/current/", "/capabilities/std_calibration/ideal/"}


def test_the_sides_can_be_swapped(viewer: Client) -> None:
    tree = read(asked(viewer, NULL, CALIBRATION))
    (swap,) = [each["href"] for each in tree.all("a") if each.text == "Swap sides"]
    assert swap == f"/compare/?old={CALIBRATION}&new={NULL}"
    swapped = read(viewer.get(swap))
    assert swapped.one("p", class_="verdict").says("From std_calibration ideal to null current")


def test_the_picture_of_one_side_is_a_link_that_keeps_the_sides(viewer: Client) -> None:
    tree = read(asked(viewer, NULL, CALIBRATION, show="new"))
    links = tree.one("nav", aria_label="What the picture shows").all("a")
    assert [each["href"] for each in links] == [
        f"/compare/?old={NULL}&new={CALIBRATION}{more}" for more in ("", "&show=old", "&show=new")
    ]
    assert not tree.one("figure").one("svg").all("g", class_="removed")


def test_two_equal_machines_have_one_picture_and_one_table(viewer: Client) -> None:
    tree = read(asked(viewer, NULL, "capability/null/ideal"))
    assert tree.one("p", class_="verdict").text == "null current and null ideal are the same."
    assert tree.says("nobody has begun an ideal of its own")
    assert not tree.all("table", class_="differences")
    assert len(tree.one("table", class_="transitions").one("tbody").all("tr")) == 4


def test_a_machine_template_takes_the_values_of_the_machine_beside_it(viewer: Client) -> None:
    for sides in ((f"machine-template/{SIMPLE}", NULL), (NULL, f"machine-template/{SIMPLE}")):
        tree = read(asked(viewer, *sides))
        assert tree.says("with (workflow_name) = null")
        assert tree.one("p", class_="verdict").says("are the same")


def test_a_machine_template_beside_another_keeps_its_parameters(viewer: Client) -> None:
    tree = read(asked(viewer, f"machine-template/{SIMPLE}", f"machine-template/{QA}"))
    assert not tree.says("with (workflow_name)")
    assert tree.one("figure").says("{QueueWorkflow (workflow_name)}")
    assert tree.one("p", class_="verdict").says("the machine template “Run-workflow with single-")


def test_a_machine_of_the_log_is_compared_as_it_was(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=ADA)
    tree = read(asked(editor, f"entry/{head()}/before", NULL))
    told = f"From the machine before log entry {head()} to null current, one thing changes: "
    assert tree.one("p", class_="verdict").says(told + "[Queued] - <resume> is removed")
    assert tree.says("null current: Dropped [Queued] - <resume>")
    same = read(asked(editor, f"entry/{head()}/after", NULL))
    assert same.one("p", class_="verdict").says("are the same")


def test_texts_are_compared(viewer: Client) -> None:
    tree = read(asked(viewer, text(OLD), text(OLD + "[Failed] - <mend> {Run} -> [Busy]\n")))
    verdict = tree.one("p", class_="verdict")
    assert verdict.says("From the first text to the second text, one thing changes: [Failed]")
    one = read(asked(viewer, NULL, text(render(effective("null")))))
    assert one.one("p", class_="verdict").text == "null current and the pasted text are the same."


EDITS = {
    "another argument": (
        "{Send done}",
        "{Send finished}",
        "[Busy] - <ok> does {Send finished} instead of {Send done}.",
        ["~ changed"],
        ["~ changed ok", "{Mail}", "− {Send done}", "+ {Send finished}", "{Log}"],
        ["{Mail}", "~ {Send done finished} other argument", "{Log}"],
        "Done",
    ),
    "another target": (
        "{Say no} -> [Failed]",
        "{Say no} -> [Done]",
        "[Busy] - <no> leads to [Done] instead of [Failed].",
        ["↳ retargeted"],
        ["↳ retargeted (old) no", "↳ retargeted (new) no"],
        ["{Say no}"],
        "− Failed old + Done new",
    ),
    "an action less": (
        " {Send done}",
        "",
        "[Busy] - <ok> no longer does {Send done}.",
        ["~ changed"],
        ["~ changed ok", "{Mail}", "− {Send done}", "{Log}"],
        ["{Mail}", "− {Send done} no longer", "{Log}"],
        "Done",
    ),
    "another order": (
        "{Mail} {Send done}",
        "{Send done} {Mail}",
        "[Busy] - <ok> does {Mail} at another place in the order.",
        ["↕ reordered"],
        ["↕ reordered ok", "{Send done}", "↕ {Mail}", "{Log}"],
        ["{Send done}", "↕ {Mail} moved, was at place 1", "{Log}"],
        "Done",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_shown_as_exactly_that(viewer: Client, edit: str) -> None:
    gone, came, sentence, marks, labels, actions, target = EDITS[edit]
    assert gone in OLD
    tree = read(asked(viewer, text(OLD), text(OLD.replace(gone, came))))
    verdict = tree.one("p", class_="verdict").text
    assert verdict == f"From the first text to the second text, one thing changes: {sentence}"
    (row,) = rows(tree)
    assert [each.text for each in row.all("span", class_="badge")] == marks
    shown_actions, shown_target = row.all("td")
    assert [each.text for each in shown_actions.all("li")] == actions
    assert shown_target.text == target
    marked = [
        line.text
        for edge in tree.one("figure").one("svg").all("g", class_="edge")
        if "same" not in edge["class"]
        for line in edge.all("text")
        if line.text != "{Say no}"
    ]
    assert sorted(marked) == sorted(labels)
    assert not [
        node
        for node in tree.one("figure").one("svg").all("g", class_="node")
        if "added" in node["class"]
    ]


# -- links that last


def pinned(tree: Element) -> list[str]:
    return [each["href"] for each in tree.all("a") if each.text.startswith("Permanent link")]


def test_what_is_live_has_a_link_to_what_it_is_now(editor: Client) -> None:
    (link,) = pinned(read(asked(editor, NULL, f"machine-template/{SIMPLE}")))
    entry = AuditEntry.objects.filter(name="null").first()
    assert entry
    assert link.startswith(f"/compare/?old=entry/{entry.sequence}/after&new=text/")
    before = read(editor.get(link)).one("p", class_="verdict").text
    overrides.drop(definition=seen("null"), key=RESUME, by=ADA)
    assert read(editor.get(link)).one("p", class_="verdict").text == before
    assert not pinned(read(editor.get(link)))  # it lasts already


def test_the_page_of_a_capability_has_that_link_too(editor: Client) -> None:
    (link,) = pinned(read(editor.get("/capabilities/std_calibration/")))
    assert link.count("/after") == 2
    assert len(rows(read(editor.get(link)))) == 5


def test_a_machine_template_is_named_by_its_last_entry(editor: Client) -> None:
    (link,) = pinned(read(asked(editor, f"machine-template/{SIMPLE}", f"machine-template/{QA}")))
    assert link.count("entry/") == 2
    simple = template(SIMPLE)
    machine_templates.drop(machine_template=simple, key=RESUME, version=simple.version, by=ADA)
    assert len(rows(read(editor.get(link)))) == 5


def test_what_the_log_does_not_have_is_named_by_its_text(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=ADA)
    Override.objects.all().delete()  # past the log
    (link,) = pinned(read(asked(editor, NULL, NULL)))
    assert link.count("text/") == 2


def test_who_may_not_see_the_log_gets_links_of_texts(viewer: Client) -> None:
    without_log(viewer)
    (link,) = pinned(read(asked(viewer, NULL, CALIBRATION)))
    assert link.count("text/") == 2
    assert viewer.get(link).status_code == 200


def without_log(client: Client) -> None:
    user = client.get("/").context["user"]
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="view_capability"))


# -- refused


def test_the_log_needs_its_right_here_too(viewer: Client) -> None:
    assert asked(viewer, "entry/1/after", NULL).status_code == 200
    without_log(viewer)
    for sides in (("entry/1/after", NULL), (NULL, "entry/1/before")):
        assert asked(viewer, *sides).status_code == 403
    assert viewer.get("/compare/", {"old": "entry/1/after"}).status_code == 403
    data = {**typed("old", "entry", entry="1"), **typed("new", "capability", capability="null")}
    assert viewer.post("/compare/", data).status_code == 403
    form = read(viewer.get("/compare/")).one(id="compare-form")
    assert not form.all("input", value="entry")
    assert asked(viewer, NULL, CALIBRATION).status_code == 200


def test_the_page_needs_the_right_to_see(seed: object, way: Mapping[str, str]) -> None:
    for url in ("/compare/", f"/compare/?old={NULL}&new={NULL}"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403


@pytest.mark.parametrize(
    ("side", "told", "field"),
    [
        ("capability/nul/current", "no capability “nul”; did you mean “null”?", "capability"),
        ("capability/zzzzzz/ideal", "There is no capability “zzzzzz”.", "capability"),
        ("capability/<b>/ideal", "There is no capability “<b>”.", "capability"),
        (
            "machine-template/simple-run-workflo",
            "“simple-run-workflo”; did you mean “simple-run-workflow”?",
            "machine_template",
        ),
        ("entry/999/after", "There is no log entry 999; the last one is ", "entry"),
        (f"entry/{'9' * 18}/after", "There is no log entry 9", "entry"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    viewer: Client, side: str, told: str, field: str
) -> None:
    for sides, prefix in (((side, NULL), "old"), ((NULL, side), "new")):
        answer = asked(viewer, *sides)
        assert answer.status_code == 404
        tree = read(answer)
        assert told in tree.one("ul", id=f"id_{prefix}-{field}_error").text
        other = "new" if prefix == "old" else "old"
        assert tree.one(id="compare-form").typed[f"{other}-capability"] == "null"


@pytest.mark.parametrize(
    "side",
    [
        *(
            "nothing",
            "capability",
            "capability/null",
            "capability/null/future",
            "capability//ideal",
        ),
        *("entry/1", "entry//after", "entry/1/between", "machine-template/", "/", "text"),
        *("text/", "text/x", f"text/{pack(OLD)[:-5]}", "javascript:alert(1)"),
    ],
)
def test_a_link_that_names_no_side_is_refused(viewer: Client, side: str) -> None:
    for sides in ((side, NULL), (NULL, side)):
        answer = asked(viewer, *sides)
        assert answer.status_code == 422
        assert read(answer).one("div", class_="refusal").text
    assert viewer.get("/compare/", {"old": side}).status_code == 422


@pytest.mark.parametrize("number", ["-1", "x", "٣", "1" * 19, "9" * 5000, "1.5"])
def test_a_number_that_cannot_be_is_refused(viewer: Client, number: str) -> None:
    answer = asked(viewer, f"entry/{number}/after", NULL)
    assert answer.status_code == 422
    assert read(answer).one("ul", id="id_old-entry_error").text


def test_a_text_that_unpacks_to_too_much_is_refused(viewer: Client) -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 2_000_000, 9)).decode()
    answer = asked(viewer, f"text/{bomb}", NULL)
    assert answer.status_code == 422
    assert read(answer).one("div", class_="refusal").says("it has more than 200,000 characters")


def test_mistakes_in_a_text_are_told_with_line_column_and_caret_and_nothing_is_lost(
    viewer: Client,
) -> None:
    bad = OLD + "[Busy - <x> {Y} -> [Done]\n[Busy] - <y> {Z -> [Done]\n"
    data = {**typed("old", "text", text=bad), **typed("new", "capability", capability="null")}
    for answer in (viewer.post("/compare/", data), asked(viewer, text(bad), NULL)):
        assert answer.status_code == 422
        tree = read(answer)
        assert tree.says("2 errors in this text.")
        mistakes = tree.one("ol", class_="mistakes").all("li")
        assert [each.one("a").text for each in mistakes] == [
            "Line 4, column 20:",
            "Line 5, column 14:",
        ]
        assert mistakes[0].one("pre").raw.endswith(" ^")
        kept = tree.one(id="compare-form").typed
        assert kept["old-text"] == bad
        assert kept["new-capability"] == "null"


def test_an_entry_whose_text_was_damaged_is_refused(editor: Client) -> None:
    with tampering():
        AuditEntry.objects.filter(sequence=head()).update(after="[Start] - nonsense")
    answer = asked(editor, f"entry/{head()}/after", NULL)
    assert answer.status_code == 422
    assert (
        "was changed after it was written" in read(answer).one("ul", id="id_old-entry_error").text
    )


# -- the form


def test_the_form_leads_to_the_permanent_link(viewer: Client) -> None:
    sides = {
        NULL: typed("{}", "capability", capability=" null ", kind="current"),
        f"machine-template/{QA}": typed("{}", "machine-template", machine_template=QA),
        "entry/7/before": typed("{}", "entry", entry="07", at="before"),
        text("[A] - <e> {no action} -> [B]\n"): typed(
            "{}", "text", text="[A] - <e> {no action} -> [B]\r\n"
        ),
    }
    for link, fields in sides.items():
        data = typed("old", "capability", capability="std_calibration", kind="ideal")
        data |= {name.format("new"): value for name, value in fields.items()}
        response = viewer.post("/compare/", data)
        assert response.status_code == 302
        assert response.headers["Location"] == f"/compare/?old={CALIBRATION}&new={link}"
        assert viewer.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize("side", [NULL, f"machine-template/{QA}", "entry/3/before", text(OLD)])
def test_one_side_that_is_known_stands_in_the_form(viewer: Client, side: str) -> None:
    answer = viewer.get("/compare/", {"old": side})
    assert answer.status_code == 200
    form = read(answer).one(id="compare-form").typed
    values = {value for name, value in form.items() if name.startswith("old-")}
    wanted = {
        "capability": {"capability", "null", "current"},
        "machine-template": {"machine-template", QA},
        "entry": {"entry", "3", "before"},
        "text": {"text", OLD},
    }
    assert wanted[side.partition("/")[0]] <= values


def test_the_form_offers_every_machine_and_is_there_below_a_comparison(viewer: Client) -> None:
    for answer in (viewer.get("/compare/"), asked(viewer, NULL, CALIBRATION)):
        form = read(answer).one(id="compare-form")
        offered = {each["value"] for each in form.one("datalist").all("option")}
        assert offered >= {"null", "std_calibration"}
        assert len(form.one("select", name="new-machine_template").all("option")) == 3


@pytest.mark.parametrize("what", ["capability", "machine-template", "entry", "text", "", "x"])
def test_a_side_that_was_not_said_is_asked_for(viewer: Client, what: str) -> None:
    data = {**typed("old", what), **typed("new", "capability", capability="null")}
    answer = viewer.post("/compare/", data)
    assert answer.status_code == 422
    assert read(answer).one(id="old").one("ul", class_="errorlist").text


def test_a_text_that_is_too_long_is_refused_in_the_form(viewer: Client) -> None:
    long = "-- " + "x" * 200_000
    data = {**typed("old", "text", text=long), **typed("new", "capability", capability="null")}
    answer = viewer.post("/compare/", data)
    assert answer.status_code == 422
    assert "at most 200000 characters" in read(answer).one("ul", id="id_old-text_error").text


# -- too long for a link


def noise(lines: int) -> str:
    """A text that hardly gets shorter when it is packed."""
    chance = random.Random(7)  # noqa: S311 - only noise
    names = [f"{chance.getrandbits(160):040x}" for _ in range(lines + 1)]
    pairs = pairwise(names)
    return "".join(f"[{old}] - <e> {{no action}} -> [{new}]\n" for old, new in pairs)


def test_what_is_too_long_for_a_link_is_compared_all_the_same(viewer: Client) -> None:
    long = noise(250)
    data = {**typed("old", "text", text=long), **typed("new", "text", text=OLD)}
    answer = viewer.post("/compare/", data)
    assert answer.status_code == 200
    tree = read(answer)
    assert tree.one(id="no-link").says("has no permanent link")
    assert len(rows(tree)) == 253
    assert not [each for each in tree.all("a") if each.text == "Swap sides"]
    kept = tree.one(id="compare-form").typed
    assert (kept["old-text"], kept["new-text"]) == (long, OLD)
    views = tree.one("form", aria_label="What the picture shows")
    alone = {name: value for name, value in views.typed.items() if "csrf" not in name}
    assert alone == data
    shown = read(viewer.post("/compare/", {**alone, "show": "new"}))
    assert shown.one("button", id="show-new")["aria-current"]


def test_a_link_is_never_longer_than_a_server_takes(viewer: Client) -> None:
    lengths = set()
    for lines in range(20, 120, 10):
        data = {**typed("old", "text", text=noise(lines)), **typed("new", "text", text=OLD)}
        answer = viewer.post("/compare/", data)
        if answer.status_code == 302:
            lengths.add(len(answer.headers["Location"]))
    assert 2_000 < max(lengths) <= LINK_LENGTH


def test_names_that_mean_something_in_an_address_are_only_names(viewer: Client) -> None:
    hostile = "[a&new=x#?] - <%2F+ &amp;> {X <b>} -> [\\[\\]]\n"
    data = {**typed("old", "text", text=hostile), **typed("new", "text", text=OLD)}
    link = viewer.post("/compare/", data).headers["Location"]
    tree = read(viewer.get(link))
    assert tree.one("p", class_="verdict").says("1 transition is removed")
    assert tree.one("table", class_="differences").says("a&new=x#?")
    assert not tree.all("b", class_="x")
    query = urlencode({"old": "capability/a&b=c/current", "new": NULL})
    assert read(viewer.get(f"/compare/?{query}")).says("There is no capability “a&b=c”")


def test_comparing_writes_nothing(editor: Client) -> None:
    before = state()
    asked(editor, NULL, CALIBRATION)
    data = {**typed("old", "text", text=OLD), **typed("new", "capability", capability="null")}
    editor.post("/compare/", data, headers=HTMX)
    assert state() == before


def test_the_ways_to_it(viewer: Client) -> None:
    page = read(viewer.get("/capabilities/null/"))
    (link,) = [e["href"] for e in page.all("a") if e.text.startswith("Compare with another")]
    assert read(viewer.get(link)).one(id="compare-form").typed["old-capability"] == "null"
    page = read(viewer.get(f"/machine-templates/{QA}/"))
    (link,) = [e["href"] for e in page.all("a") if e.text == "Compare…"]
    assert read(viewer.get(link)).one(id="compare-form").typed["old-machine_template"] == QA
