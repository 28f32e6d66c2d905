"""What the tests in this folder share: a real browser on a live server."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Playwright runs an event loop in the test's thread, where Django would refuse to use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(tryfirst=True)  # before pytest-django puts the tests with transactions last
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.browser)
            # The live server is another thread and sees only what is committed. The flush after a
            # test takes the rows that migrations made; `serialized_rollback` brings them back.
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))


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
