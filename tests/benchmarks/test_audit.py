"""The audit of 1,000 capabilities: the whole page against what it cannot do without, in one run.

Run by `python -m pytest tests/benchmarks -n0 --benchmark-only`. What it cannot do without is to
load all capabilities, to make and compare their machines, and to check them.
"""

from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from pytest_benchmark.fixture import BenchmarkFixture

from capabilities.authoring.plans import Plan
from capabilities.machines.diff import diff
from capabilities.models import Capability, Fleet, Kind, vocabulary
from tests.people import VIEWER, client_of
from tests.test_queries import grow

ROUNDS = 10
BOUND = 2.5  # times what it cannot do without
NUMBER = 1000


def bare_seconds() -> float:
    start = perf_counter()
    fleet, known = Fleet(), vocabulary()
    for capability in fleet.capabilities:
        name = capability.name
        diff(*(fleet.machine(name, kind) for kind in Kind.values))
        for kind in Kind.values:
            if fleet.definition(name, kind):
                fleet.checked(name, kind, known)
    return perf_counter() - start


def page_seconds(client: Client, url: str) -> float:
    start = perf_counter()
    response = client.get(url)
    taken = perf_counter() - start
    assert response.status_code == 200
    return taken


@pytest.mark.parametrize("url", ["/audit/", "/audit.csv", "/audit.md"])
def test_the_audit_takes_few_times_what_it_cannot_do_without(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch, seed: Plan, url: str
) -> None:
    # Under test Django copies the context of every HTML template, for tests to look at.
    state: Any = _TestState
    monkeypatch.setattr(Template, "_render", state.saved_data.template_render)
    grow(f"more_{number:04}" for number in range(NUMBER - Capability.objects.count()))
    client = client_of(VIEWER)
    bare, pages = [], []

    def answer() -> None:
        """Both in turn, so that a busy machine slows both alike."""
        bare.append(bare_seconds())
        pages.append(page_seconds(client, url))

    benchmark.pedantic(answer, rounds=ROUNDS, warmup_rounds=1)
    ratio = median(pages) / median(bare)
    benchmark.extra_info["page, in s"] = round(median(pages), 2)
    benchmark.extra_info["bare, in s"] = round(median(bare), 2)
    benchmark.extra_info["times what it cannot do without"] = round(ratio, 2)
    assert ratio <= BOUND
