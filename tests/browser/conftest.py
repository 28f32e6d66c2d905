"""What the tests in this folder share: a real browser on a live server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from capabilities.authoring.plans import Plan

from .pages import PAGES, VISITORS

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "correct horse battery staple"
TIMEOUT = 5_000  # milliseconds

Visit = Callable[..., Page]
"""Opens one of PAGES by its name; what it is passed is called before, with the empty page."""

# Playwright runs an event loop in the test's thread, where Django would refuse to use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in filter(_is_here, items):
        item.add_marker(pytest.mark.browser)
        # The live server is another thread and sees only what is committed. The flush after a
        # test takes the rows that migrations made; `serialized_rollback` brings them back, but
        # only before the next test that asks for it.
        item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))
    yield
    # So these come last. pytest-django sees to it, but then pytest sorts once more, by browser.
    items.sort(key=_is_here)


def _is_here(item: pytest.Item) -> bool:
    return item.path.is_relative_to(FOLDER)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the system's own browser, so that nothing needs to be downloaded."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        reason = f"none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return browser_type_launch_args | {
        "executable_path": executable,
        "args": [
            "--no-sandbox",  # which root, as in a container, cannot have
            "--disable-dev-shm-usage",  # small in containers
            "--disable-gpu",
            # Stay quiet on the network.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session", autouse=True)
def rows_of_migrations(django_db_setup: None) -> Iterator[None]:
    """What `serialized_rollback` brings back, for every connection.

    Once Playwright's event loop runs, the thread gets a connection other than the one that knows.
    """
    wrapper: Any = type(connections["default"])
    wrapper._test_serialized_contents = vars(connections["default"])["_test_serialized_contents"]
    yield
    del wrapper._test_serialized_contents


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """So that a test says `page.goto("/log/")`."""
    return str(live_server.url)


@pytest.fixture(autouse=True)
def seed(seed: Plan) -> Plan:
    """The team's page, before every test here."""
    return seed


@pytest.fixture
def editor(db: None) -> User:
    """Somebody who sees and writes."""
    return staff("eve", "editor")


@pytest.fixture
def viewer(db: None) -> User:
    """Somebody who only sees."""
    return staff("vic", "viewer")


@pytest.fixture
def releaser(db: None) -> User:
    """Somebody who sees, releases and records deployments."""
    return staff("rel", "releaser")


@pytest.fixture
def reviewer(db: None) -> User:
    """Somebody who decides about change requests."""
    return staff("rhea", "reviewer")


@pytest.fixture
def sign_in(context: BrowserContext, base_url: str) -> Callable[[User], None]:
    """Signs a user in without the login page, by the cookie of a session."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])

    return sign_in


@pytest.fixture(scope="session")
def window(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str
) -> Iterator[BrowserContext]:
    """The window of most tests, one after the other: to open one costs more than most pages do.

    Its first page stays, so that the window does; nobody goes anywhere with it.
    """
    context = browser.new_context(**browser_context_args)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def context(request: pytest.FixtureRequest, base_url: str) -> Iterator[BrowserContext]:
    """A window that knows nothing of a test before; one of its own where it has to be special."""
    config, node = request.config, request.node
    recorded = any(config.getoption(each) != "off" for each in ("tracing", "video", "screenshot"))
    if recorded or node.get_closest_marker("browser_context_args"):
        yield request.getfixturevalue("new_context")()
        return
    context: BrowserContext = request.getfixturevalue("window")
    yield context
    first, *others = context.pages
    for page in others:
        page.close()
    context.unroute_all()
    context.clear_permissions()
    session = context.new_cdp_session(first)
    # Cookies and what pages remember in the browser.
    session.send("Storage.clearDataForOrigin", {"origin": base_url, "storageTypes": "all"})
    session.detach()
    context.clear_cookies()


@pytest.fixture
def page(page: Page) -> Page:
    """A page that does not wait long: the server is on this machine."""
    page.set_default_timeout(TIMEOUT)
    expect.set_options(timeout=TIMEOUT)
    return page


@pytest.fixture
def as_editor(page: Page, editor: User, sign_in: Callable[[User], None]) -> Page:
    sign_in(editor)
    return page


@pytest.fixture
def as_viewer(page: Page, viewer: User, sign_in: Callable[[User], None]) -> Page:
    sign_in(viewer)
    return page


def staff(name: str, role: str) -> User:
    """A member of staff with a role."""
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def visit(
    page: Page,
    editor: User,
    viewer: User,
    reviewer: User,
    releaser: User,
    sign_in: Callable[[User], None],
) -> Visit:
    """Opens one of PAGES as somebody who should see it."""
    people = {each.username: each for each in (editor, viewer, reviewer, releaser)}

    def visit(name: str, set_up: Callable[[Page], None] = lambda page: None) -> Page:
        visitor = VISITORS.get(name, editor.username)
        if visitor:
            sign_in(people[visitor])
        set_up(page)
        PAGES[name](page)
        expect(page.locator(".htmx-request")).to_have_count(0)  # its parts have come
        return page

    return visit
