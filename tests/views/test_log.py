"""The log: filters, pages, and one entry with its difference."""

from collections.abc import Mapping

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities, machine_templates, overrides
from capabilities.models import AuditEntry, Capability, Kind
from tests.factories import COMPLETE, RESUME, SIMPLE, head, line, seen, tampering, template
from tests.html import Element, read
from tests.people import STAFF, VIEWER, client_of

ADA, BEA = Author(None, "ada", "page"), Author(None, "bea", "admin")


def entries(tree: Element) -> list[Element]:
    return tree.one("table", class_="log").one("tbody").all("tr")


def numbers(tree: Element) -> list[int]:
    return [int(row.one("th").text) for row in entries(tree)]


@pytest.fixture
def written(editor: Client) -> Client:
    """Two writes after the import: of ada with a message, of bea through the admin."""
    overrides.drop(definition=seen("null"), key=RESUME, message="as <agreed>", by=ADA)
    overrides.drop(definition=seen("std_calibration", "ideal"), key=RESUME, by=BEA)
    return editor


def test_the_newest_entries_come_first(written: Client) -> None:
    tree = read(written.get("/log/"))
    assert numbers(tree) == list(range(head(), 0, -1))
    first, second = entries(tree)[:2]
    assert first.says("Dropped [Queued] - <resume> from std_calibration ideal")
    assert first.says("bea")
    assert first.says("admin")
    assert second.says("as <agreed>")
    assert second.one("a")["href"] == f"/log/{head() - 1}/"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "CALIB"}, {"std_calibration"}),
        ({"name": "null_"}, {"null_dag"}),
        ({"actor": "ada"}, {"null"}),
        ({"text": "AGREED"}, {"null"}),
        ({"text": "dropped"}, {"null", "std_calibration"}),
        ({"kind": "ideal"}, {"std_calibration"}),
        ({"name": "null", "text": "dropped"}, {"null"}),
        ({"since": "2020-01-01", "actor": "bea"}, {"std_calibration"}),
    ],
)
def test_a_filter_keeps_what_it_asks_for(
    written: Client, asked: Mapping[str, str], found: set[str]
) -> None:
    tree = read(written.get("/log/", asked))
    names = {row.one("span", class_="name").text for row in entries(tree)}
    assert names == found
    typed = tree.one("form", class_="filter").typed
    assert {name: typed[name] for name in asked} == asked


def test_a_filter_by_day_leaves_out_what_was_before(written: Client) -> None:
    assert read(written.get("/log/", {"since": "2999-01-01"})).says("No entry is like that.")


@pytest.mark.parametrize("asked", [{"since": "tomorrow"}, {"kind": "future"}])
def test_a_filter_that_cannot_be_says_so_and_shows_all(
    written: Client, asked: Mapping[str, str]
) -> None:
    tree = read(written.get("/log/", asked))
    assert tree.one("form", class_="filter").one("ul", class_="errorlist").text
    assert len(entries(tree)) == head()


def test_pages_go_on_from_an_entry_whatever_was_added_since(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.views.log.PER_PAGE", 4)
    newest = head()
    first = read(editor.get("/log/", {"actor": "importer"}))
    assert numbers(first) == [newest - n for n in range(4)]
    older = first.one("nav", class_="pages").one("a")
    assert older.text == "Older"
    overrides.drop(definition=seen("null"), key=RESUME, by=ADA)
    second = read(editor.get("/log/" + older["href"]))
    assert numbers(second) == [newest - n for n in range(4, 8)]
    links = {each.text: each["href"] for each in second.one("nav", class_="pages").all("a")}
    assert links["Newest"] == "/log/"
    assert "actor=importer" in links["Older"]
    third = read(editor.get("/log/" + links["Older"]))
    assert numbers(third)[-1] == 1
    assert [each.text for each in third.one("nav", class_="pages").all("a")] == ["Newest"]


@pytest.mark.parametrize("before", ["x", "-1", "٣x", "9" * 5000, ""])
def test_a_place_in_the_log_that_cannot_be_is_no_crash(editor: Client, before: str) -> None:
    assert editor.get("/log/", {"before": before}).status_code == 200


def test_an_empty_log_says_so(db: None) -> None:
    assert read(client_of(VIEWER).get("/log/")).says("No entry is like that.")


# -- one entry


def test_an_entry_tells_who_when_why_and_the_difference(written: Client) -> None:
    entry = AuditEntry.objects.get(actor="ada")
    tree = read(written.get(f"/log/{entry.sequence}/"))
    facts = tree.one("dl", class_="facts")
    for fact in ("as <agreed>", "ada", entry.digest, f"{entry.at[:10]} {entry.at[11:16]} UTC"):
        assert facts.says(fact)
    assert facts.one("a")["href"] == "/capabilities/null/current/"
    assert tree.one("p", class_="verdict").says("1 transition is removed")
    row = tree.one("table", class_="differences").one("tbody").one("tr")
    assert row.says("− removed Queued resume")
    for side, count in (("before", 4), ("after", 3)):
        section = tree.one("section", aria_labelledby=f"{side}-title")
        assert len(section.one("tbody").all("tr")) == count
        assert section.one("svg")["aria-label"] == f"Diagram of the machine {side}"
    kept = [each.raw for each in tree.all("pre", class_="notation")]
    assert kept == [entry.before, entry.after]


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
    assert [each.text for each in table.all("li", class_="changed")] == [
        "~ {SendNotification workflow-complete} was",
        "~ {SendNotification other} is now",
    ]


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
    assert tree.one("section", aria_labelledby="after-title").says("no transitions")


def test_an_entry_of_a_removed_machine_template_has_no_link(editor: Client) -> None:
    lonely = machine_templates.add(title="Lonely", by=ADA)
    machine_templates.remove(machine_template=lonely, version=lonely.version, by=ADA)
    assert not read(editor.get(f"/log/{head()}/")).one("dl").all("a")


@pytest.mark.parametrize("sequence", ["0", "99999", "9" * 30, "9" * 5000])
def test_an_entry_that_is_not_there_is_not_found(editor: Client, sequence: str) -> None:
    assert editor.get(f"/log/{sequence}/").status_code == 404


def test_the_log_is_only_read(editor: Client) -> None:
    for url in ("/log/", "/log/1/"):
        for method in ("post", "put", "delete"):
            assert getattr(editor, method)(url).status_code == 405


def test_the_log_needs_its_own_right(seed: object, way: Mapping[str, str]) -> None:
    for url in ("/log/", "/log/1/"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403
        assert client_of(VIEWER).get(url, headers=way).status_code == 200


def test_the_kinds_to_filter_by_are_those_that_there_are(editor: Client) -> None:
    form = read(editor.get("/log/")).one("form", class_="filter")
    assert [each["value"] for each in form.one("select").all("option")] == ["", *Kind.values]


def test_an_entry_whose_text_was_damaged_says_so(written: Client) -> None:
    with tampering():
        AuditEntry.objects.filter(sequence=head()).update(after="[Start] - nonsense")
    answer = written.get(f"/log/{head()}/")
    assert answer.status_code == 200
    assert "it was changed after it was written" in answer.content.decode()
