"""Export, import into an empty database, export: the same bytes, for many machines at once.

`ROUND_TRIP=1000` makes more of them.
"""

import os
import random
from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from capabilities.authoring import imports
from capabilities.deployment import fixtures, pages
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import Machine
from capabilities.machines.page import Page, PageMachine, PageTemplate, render_page
from capabilities.models import Definition

from .. import strategies
from ..factories import SEED_TEXT, editor_author, effective, emptied, machines
from ..factories import notes as all_notes

WRITERS = (fixtures.dump, pages.notation, pages.markdown)
NUMBER = int(os.environ.get("ROUND_TRIP", "150"))
ALL = Selection()


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
    names = ["null", "on", "1e3", "0755", *(f"c{n}" for n in range(number))]
    machines = [
        PageMachine(name, "current", machine)
        for name, machine in zip(names, found[:number], strict=False)
    ]
    templates = [PageTemplate(f"Template {n}", found[n]) for n in (1, 2)]
    return Page(tuple(machines), tuple(templates))


@pytest.mark.parametrize("write", WRITERS)
def test_the_seed_and_random_machines_come_back_as_the_same_bytes(
    db: None, write: Callable[[Selection], str]
) -> None:
    by = editor_author()
    imports.run(text=SEED_TEXT, by=by)
    imports.run(text=render_page(many(NUMBER)), by=by)
    before, noted, text = machines(), all_notes(), write(ALL)
    null = effective("null")
    assert Definition.objects.count() >= NUMBER
    emptied()
    assert not Definition.objects.exists()
    imports.run(text=text, by=by)
    assert write(ALL) == text
    assert machines() == before
    assert all_notes() == noted
    assert effective("null") == null
