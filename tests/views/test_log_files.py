"""The log as CSV, as JSON and as a feed: what the page would show, all of it."""

import csv
import hashlib
import hmac
import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capabilities.auditing import Author
from capabilities.authoring import machine_templates, overrides
from capabilities.deployment import log_files
from capabilities.models import AuditEntry
from tests.factories import RESUME, SIMPLE, editor_author, head, last_entries, seen, template
from tests.html import read

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def written(editor: Client) -> Client:
    by = Author(3, "@ada", "page")
    overrides.drop(definition=seen("null"), key=RESUME, message='=HYPERLINK("//x"), "so"', by=by)
    return editor


def content(client: Client, url: str, **asked: str) -> str:
    answer: Any = client.get(url, asked)
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content).decode()


def test_the_csv_has_a_line_for_each_entry_and_no_cell_is_a_formula(written: Client) -> None:
    answer = written.get("/log.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="log-')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    rows = list(csv.DictReader(io.StringIO(content(written, "/log.csv"), newline="")))
    assert [row["sequence"] for row in rows] == [str(each.sequence) for each in last_entries()]
    last, entry = rows[-1], last_entries()[-1]
    assert last["message"] == '\'=HYPERLINK("//x"), "so"'
    assert last["actor"] == "'@ada"
    assert (last["change"], last["before"], last["after"]) == (
        "overridden",
        entry.before,
        entry.after,
    )


def test_the_json_has_every_stored_column_and_its_digests_can_be_computed(written: Client) -> None:
    read_back = json.loads(content(written, "/log.json"))
    entries = read_back["entries"]
    assert entries == list(AuditEntry.objects.order_by("sequence").values())
    previous = ""
    for entry in entries:
        values = [entry[name] for name in read_back["hashed"]]
        values += [entry["made_of"]] if entry["made_of"] else []
        text = json.dumps(values, separators=(",", ":"))
        made = hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
        assert (made, entry["previous"]) == (entry["digest"], previous)
        previous = entry["digest"]


def test_a_file_has_what_the_filter_asks_for(written: Client) -> None:
    entries = json.loads(content(written, "/log.json", actor="@ada"))["entries"]
    assert [each["sequence"] for each in entries] == [head()]
    nothing = content(written, "/log.json", actor="nobody")
    assert json.loads(nothing)["entries"] == []
    assert content(written, "/log.csv", actor="nobody").count("\n") == 1


@pytest.mark.parametrize("url", ["/log.csv", "/log.json", "/log/feed.atom"])
def test_what_cannot_be_asked_is_no_file_but_the_page_that_says_so(
    written: Client, url: str
) -> None:
    answer = written.get(url, {"since": "tomorrow"})
    assert answer.status_code == 422
    assert read(answer).one("form", class_="log-filter").says("“tomorrow” is no day")


def test_a_file_is_written_piece_by_piece(written: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = content(written, "/log.json")
    monkeypatch.setattr(log_files, "CHUNK", 2)
    answer: Any = written.get("/log.json")
    pieces = iter(answer.streaming_content)
    with CaptureQueriesContext(connection) as made:
        first = [next(pieces) for _ in range(3)]
    assert len(made) == 2  # the newest of now, and two entries
    # What is written from now on is not in it.
    overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    assert b"".join([*first, *pieces]).decode() == whole


# -- the feed


def feed(client: Client, **asked: str) -> ElementTree.Element:
    answer = client.get("/log/feed.atom", asked)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content)  # noqa: S314


def told(entry: ElementTree.Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def test_the_feed_has_an_entry_for_each_request_the_newest_first(written: Client) -> None:
    found = feed(written)
    newest, imported = found.findall(f"{ATOM}entry")
    entry = last_entries()[-1]
    assert told(newest, "title") == entry.summary
    assert told(newest, "updated")[:19] == entry.at[:19]
    assert newest.findtext(f"{ATOM}author/{ATOM}name") == "@ada"
    link = newest.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"http://testserver/log/{entry.sequence}/"
    assert "HYPERLINK" in told(newest, "summary")
    assert "null current" in told(newest, "summary")
    assert told(imported, "title").startswith("Imported")


def test_what_a_feed_calls_an_entry_stays_whatever_is_added(written: Client) -> None:
    before = [told(each, "id") for each in feed(written).findall(f"{ATOM}entry")]
    assert before[0].startswith("tag:testserver,")
    overrides.restore(definition=seen("null"), key=RESUME, by=Author(3, "@ada", "page"))
    after = [told(each, "id") for each in feed(written).findall(f"{ATOM}entry")]
    assert after[1:] == before
    assert len(set(after)) == len(after)


def test_the_feed_is_filtered_and_bounded(written: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = feed(written, actor="@ada", change="overridden")
    assert told(found, "title") == "smadmin: log (@ada, Overridden)"
    assert len(found.findall(f"{ATOM}entry")) == 1
    simple = template(SIMPLE)
    machine_templates.drop(machine_template=simple, key=RESUME, version=1, by=editor_author())
    monkeypatch.setattr("capabilities.views.log_list.MOST", 3)
    monkeypatch.setattr("capabilities.views.log_list.PER_PAGE", 2)
    entries = feed(written).findall(f"{ATOM}entry")
    assert len(entries) == 2
    assert "more" in told(entries[0], "summary")


def test_markup_and_control_characters_are_text_in_the_feed(editor: Client) -> None:
    entry = last_entries()[-1]
    entry.pk, entry.previous, entry.digest, entry.request = head() + 1, "x", "y", "z"
    entry.summary, entry.message = "<b>&amp;\x01", "]]>\x0c"
    entry.save(force_insert=True)
    (first, *_) = feed(editor).findall(f"{ATOM}entry")
    assert told(first, "title") == "<b>&amp;"


def test_the_page_links_its_files_and_its_feed_with_the_same_filter(written: Client) -> None:
    tree = read(written.get("/log/", {"actor": "@ada", "before": "9999", "nonsense": "1"}))
    links = [each["href"] for each in tree.one("p", class_="log-files").all("a")]
    assert links == [f"{url}?actor=%40ada" for url in ("/log.csv", "/log.json", "/log/feed.atom")]
    alternate = tree.one("link", rel="alternate")
    assert (alternate["type"], alternate["href"]) == ("application/atom+xml", links[2])
