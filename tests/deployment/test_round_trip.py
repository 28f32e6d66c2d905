"""Export, import into an empty database, export: the same bytes, for many machines at once."""

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from capabilities.authoring import imports
from capabilities.deployment import fixtures, pages, workspaces
from capabilities.deployment.mapping import RowMapping
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import Machine
from capabilities.machines.page import Page, PageMachine, PageTemplate, render_page
from capabilities.models import Definition, Kind

from .. import strategies
from ..factories import SEED_TEXT, editor_author, effective, emptied, machines
from ..factories import notes as all_notes

WRITERS = (fixtures.dump, pages.notation, pages.markdown)
NUMBER = 1000
ALL = Selection()
TYPES = {"template-1": "FirstStateMachine", "template-2": "SecondStateMachine"}

Write = Callable[[Selection], str]


@lru_cache
def many(number: int) -> Page:
    """So many random machines with nasty names, of capabilities such as `null`; the same always."""
    found: list[Machine] = []
    taking = strategies.machines_of(strategies.transitions, max_size=4)

    def enough(machine: Machine) -> bool:
        found.append(machine)
        return len(found) >= number

    find(
        taking,
        enough,
        settings=settings(
            max_examples=number * 4,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
        random=random.Random(807),  # noqa: S311  # no secret
    )
    names = ["null", "on", "1e3", "0755", "true", "1", *(f"c{n}" for n in range(number))]
    machines = [
        PageMachine(name, "current", machine)
        for name, machine in zip(names, found[:number], strict=False)
    ]
    templates = [PageTemplate(f"Template {n}", found[n]) for n in (1, 2)]
    return Page(tuple(machines), tuple(templates))


def filled() -> None:
    """The seed and all random machines in the database."""
    imports.run(text=SEED_TEXT, by=editor_author())
    imports.run(text=render_page(many(NUMBER)), by=editor_author())
    assert Definition.objects.count() >= NUMBER


def come_back(write: Write) -> None:
    """Export, empty, import and export again: the same bytes."""
    text, null = write(ALL), effective("null")
    emptied()
    assert not Definition.objects.exists()
    imports.run(text=text, by=editor_author())
    assert write(ALL) == text
    assert effective("null") == null


@pytest.mark.parametrize("write", WRITERS)
def test_the_seed_and_random_machines_come_back_as_the_same_bytes(db: None, write: Write) -> None:
    filled()
    before, noted = machines(), all_notes()
    come_back(write)
    assert machines() == before
    assert all_notes() == noted


def test_what_runs_comes_back_from_its_rows_as_the_same_bytes_with_its_types(
    db: None, settings: Any
) -> None:
    settings.WORKSPACES = {"machine_types": {**RowMapping().machine_types, **TYPES}}
    filled()
    before = running()
    come_back(workspaces.as_json)
    assert running() == before
    types = {each.type for each in workspaces.machines_of().values()}
    assert types == {"", "SimpleStateMachine", *TYPES.values()}


def running() -> dict[tuple[str, str], Machine]:
    """What rows carry: the current machines."""
    return {key: each for key, each in machines().items() if key[1] == Kind.CURRENT}
