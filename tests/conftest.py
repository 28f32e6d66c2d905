"""What all tests share."""

import pytest

from capabilities.authoring import imports
from capabilities.authoring.plans import Plan

from .factories import SEED, SEED_TEXT, editor_author


@pytest.fixture
def seed(db: None) -> Plan:
    """The team's page, imported whole; what the import said that it did."""
    return imports.run(text=SEED_TEXT, source=SEED.name, by=editor_author("importer"))
