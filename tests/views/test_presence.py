"""Who else has an editor open."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from capabilities.views import presence
from tests.factories import SIMPLE, state
from tests.html import read
from tests.people import EDITOR, HTMX, SUPERUSER, VIEWER, client_of

from .answers import root

NULL = "/capabilities/null/current/"
PAGES = (NULL, f"{NULL}text/", f"/machine-templates/{SIMPLE}/")


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says, to be set: 11:32 UTC."""
    time = [11 * 3600 + 32 * 60.0]
    monkeypatch.setattr(presence, "clock", lambda: time[0])
    return time


def told(client: Client, url: str) -> str:
    return read(client.get(url)).one(id="presence").text


@pytest.mark.parametrize("url", PAGES)
def test_an_editor_says_who_else_has_it_open_and_since_when(
    seed: object, now: list[float], url: str
) -> None:
    first, second = client_of(EDITOR), client_of(SUPERUSER)
    assert told(first, url) == ""
    now[0] += 50
    assert told(first, url) == ""
    now[0] += 50
    assert told(second, url) == "● editor has this open too (since 11:32 UTC)"
    assert told(first, url) == "● superuser has this open too (since 11:33 UTC)"


def test_the_page_asks_again_and_is_told_the_same_way(seed: object, now: list[float]) -> None:
    first, second = client_of(EDITOR), client_of(SUPERUSER)
    url = read(first.get(NULL)).one(id="presence")["hx-get"]
    assert url == f"{NULL}presence/"
    assert told(second, url) == "● editor has this open too (since 11:32 UTC)"
    part = root(first.get(url, headers=HTMX))
    assert part["id"] == "presence"
    assert part["hx-trigger"] == "every 20s"


def test_somebody_is_gone_after_a_minute_without_a_sign(seed: object, now: list[float]) -> None:
    first, second = client_of(EDITOR), client_of(SUPERUSER)
    first.get(NULL)
    now[0] += 59
    assert told(second, NULL)
    now[0] += 1
    assert told(second, NULL) == ""


def test_a_viewer_sees_who_edits_and_is_not_told_of(seed: object) -> None:
    viewer, first = client_of(VIEWER), client_of(EDITOR)
    viewer.get(NULL)
    assert told(first, NULL) == ""
    assert "editor has this open too" in told(viewer, NULL)


def test_another_machine_is_another_place(seed: object) -> None:
    client_of(EDITOR).get(NULL)
    other = client_of(SUPERUSER)
    assert told(other, "/capabilities/null/ideal/") == ""
    assert told(other, f"/machine-templates/{SIMPLE}/") == ""


def test_looking_writes_nothing_into_the_database(seed: object) -> None:
    client = client_of(EDITOR)
    before = state()
    client.get(NULL)
    client.get(f"{NULL}presence/")
    assert state() == before
