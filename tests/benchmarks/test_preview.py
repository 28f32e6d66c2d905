"""From a keystroke to the new picture: the whole answer against the layout alone, in one run.

Run by `python -m pytest tests/benchmarks -n0 --benchmark-only`. What an answer takes besides the
layout is about 10 ms whatever the machine is: the session, the rights, the queries, the page's
parts. So a machine as small as the seed's, drawn in 2 ms, cannot keep the bound; where the layout
takes long enough to be noticed, it is kept.
"""

from itertools import count
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from pytest_benchmark.fixture import BenchmarkFixture

from capabilities.authoring import texts
from capabilities.authoring.plans import Plan
from capabilities.drawing import draw
from capabilities.machines.diagram import diagram
from capabilities.machines.diff import diff
from capabilities.machines.layers import with_put
from capabilities.machines.machine import Action, Machine, Transition
from capabilities.machines.notation import render
from capabilities.views.panes import kinds_of
from tests.factories import FAIL, editor_author, effective, seen
from tests.people import EDITOR, HTMX, client_of

URL = "/capabilities/std_calibration/ideal/transitions/preview/"
ROUNDS = 40
BOUND = 2  # layouts
LARGE = 80  # transitions: ten times as many as the seed's largest machine has
numbers = count()


def grow(size: int) -> None:
    """Give the machine more steps after its own, each of which can fail: `size` transitions."""
    machine = effective("std_calibration", "ideal")
    more = [
        Transition(f"Step {n}", event, (Action("QaPass"),), target)
        for n in range((size - len(machine)) // 2)
        for event, target in (("workflow-complete", f"Step {n + 1}"), ("workflow-failed", "Failed"))
    ]
    text = render(Machine((*machine, *more)))
    texts.save(definition=seen("std_calibration", "ideal"), text=text, by=editor_author())


def layout_seconds(word: str) -> float:
    machine = effective("std_calibration", "ideal")
    new = Transition(*FAIL, (Action("QaFail", word),), "Failed")
    drafted = with_put(machine, FAIL, new)
    drawn = diagram(drafted, kinds_of(diff(machine, drafted)))
    start = perf_counter()
    assert draw(drawn)
    return perf_counter() - start


def answer_seconds(client: Client, word: str) -> float:
    fields = {"source": FAIL.source, "event": FAIL.event, "target": "Failed"}
    key = {"key_source": FAIL.source, "key_event": FAIL.event}
    start = perf_counter()
    response = client.post(
        URL, {**fields, **key, "action": "QaFail", "argument": word}, headers=HTMX
    )
    taken = perf_counter() - start
    assert word in response.content.decode()
    return taken


@pytest.mark.parametrize("size", [8, 40, 80])
def test_an_answer_takes_at_most_twice_the_layout(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch, seed: Plan, size: int
) -> None:
    """Every word is a new one, so that no picture is there already."""
    # Under test Django copies the context of every HTML template, for tests to look at.
    state: Any = _TestState
    monkeypatch.setattr(Template, "_render", state.saved_data.template_render)
    grow(size)
    client = client_of(EDITOR)
    layout_seconds("warm")
    layouts, answers = [], []

    def keystroke() -> None:
        """Both in turn, so that a busy machine slows both alike."""
        layouts.append(layout_seconds(f"a{next(numbers)}"))
        answers.append(answer_seconds(client, f"b{next(numbers)}"))

    benchmark.pedantic(keystroke, rounds=ROUNDS, warmup_rounds=3)
    ratio = median(answers) / median(layouts)
    benchmark.extra_info["layout alone, in ms"] = round(median(layouts) * 1000, 1)
    benchmark.extra_info["layouts that an answer takes"] = round(ratio, 2)
    assert ratio <= BOUND or size < LARGE
