"""What the tests of views share: the team's page, and browsers of those who may see and write."""

from collections.abc import Mapping

import pytest
from django.test import Client

from capabilities.authoring.plans import Plan
from tests.people import EDITOR, HTMX, PLAIN, VIEWER, client_of


@pytest.fixture
def editor(seed: Plan) -> Client:
    """The browser of somebody who may write, before the team's page."""
    return client_of(EDITOR)


@pytest.fixture
def viewer(seed: Plan) -> Client:
    """The browser of somebody who may only look, before the team's page."""
    return client_of(VIEWER)


@pytest.fixture(params=[PLAIN, HTMX], ids=["plain", "htmx"])
def way(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The headers of a request without JavaScript, and of one of htmx."""
    headers: Mapping[str, str] = request.param
    return headers
