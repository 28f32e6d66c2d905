"""What a write would do to every definition, told before it is done.

The write itself is run, in a transaction that is rolled back: so the plan says exactly what will be
done, whatever the write is. It is run again to be kept, if it then does what the plan said.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from ..auditing import locked_head
from ..machines.checks import Finding
from ..machines.diff import Difference, diff
from ..machines.effects import effects
from ..machines.layers import Standing, standing
from ..machines.machine import Key, Machine
from ..machines.notation import render, render_transition
from ..machines.sentences import all_sentences, effect_sentence
from ..models import Definition, Fleet, Kind, Shelf, vocabulary

EFFECTS_BUDGET = 10_000
"""Steps that are tried at most for one machine of a plan, which may have many."""

Name = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class OverrideState:
    """What an override does, and whether another line lies beneath it than when it was written."""

    standing: Standing
    moved: bool


@dataclass(frozen=True)
class RehearsedOverride:
    """An override that a write does not touch, and that is something else because of it."""

    key: Key
    before: OverrideState
    after: OverrideState


@dataclass(frozen=True)
class RehearsedMachine:
    """A definition that a write changes: its machine, its overrides' states, or its findings."""

    name: str
    kind: str
    differences: tuple[Difference, ...]
    overrides: tuple[RehearsedOverride, ...]
    findings: tuple[Finding, ...]
    """Those that it does not have yet."""

    machines: tuple[Machine, Machine] = field(repr=False)
    """Before and after; not in the digest, for its other parts say what is different."""

    @property
    def sentences(self) -> list[str]:
        return all_sentences(self.differences)

    @property
    def effects(self) -> list[str]:
        """What its runs do differently then, in English."""
        found = effects(*self.machines, budget=EFFECTS_BUDGET)
        called = {"old": "The present machine", "new": "The new machine"}
        return [effect_sentence(each, **called) for each in found]


@dataclass(frozen=True)
class Rehearsal:
    """All that a write does; `digest` is another one when it does anything else."""

    machines: tuple[RehearsedMachine, ...]
    digest: str


class NotConfirmedError(Exception):
    """A write that nobody confirmed, or one that does not do what was confirmed; it was undone."""

    def __init__(self, plan: Rehearsal) -> None:
        self.plan = plan
        super().__init__("The plan of this write was not confirmed; nothing was saved.")


@dataclass(frozen=True)
class _State:
    machine: Machine
    overrides: dict[Key, OverrideState]
    findings: tuple[Finding, ...]


def rehearse(write: Callable[[], object]) -> list[RehearsedMachine]:
    """Run `write`, say which definitions it changed and how, and undo it.

    Raises whatever `write` raises.
    """
    with transaction.atomic():
        _, plan = _watched(write)
        transaction.set_rollback(True)
    return list(plan.machines)


def carry_out(write: Callable[[], T], *, confirmed: str) -> T:
    """Run `write` and return what it returns, if it does what the plan `confirmed` says.

    `confirmed` is the digest of the plan that somebody saw. Raises NotConfirmedError with the plan
    of today when that is another one, and whatever `write` raises; then nothing is written.
    """
    with transaction.atomic():
        locked_head()  # so that nobody writes between what is compared
        done, plan = _watched(write)
        if plan.digest != confirmed:
            raise NotConfirmedError(plan)
    return done


def _watched(write: Callable[[], T]) -> tuple[T, Rehearsal]:
    before = _states()
    done = write()
    after = _states()
    nothing = _State(Machine(), {}, ())
    # An ideal definition that goes leaves an ideal that is the same as current.
    gone = {
        name: after[_current(name)] for name in before.keys() - after if _current(name) in after
    }
    machines = tuple(
        changed
        for name, state in sorted({**gone, **after}.items(), key=lambda each: each[0])
        if (
            changed := _compared(name, before.get(name, before.get(_current(name), nothing)), state)
        )
    )
    return done, Rehearsal(machines, _digest(machines))


def _digest(machines: tuple[RehearsedMachine, ...]) -> str:
    """Of what changes and of the machine templates themselves, whose lines may all be covered."""
    shelf = Shelf()
    templates = [render(shelf.machine(pk)) for pk in sorted(shelf.templates)]
    return hashlib.sha256(repr((machines, templates)).encode()).hexdigest()


def _current(name: Name) -> Name:
    """The definition that an ideal is the same as, while it has none of its own."""
    return name[0], str(Kind.CURRENT)


def _states() -> dict[Name, _State]:
    fleet, known = Fleet(), vocabulary()
    return {
        name: _State(
            fleet.machine(*name),
            _overrides(definition, fleet.shelf),
            fleet.checked(*name, known).findings,
        )
        for name, definition in fleet.definitions.items()
    }


def _overrides(definition: Definition, shelf: Shelf) -> dict[Key, OverrideState]:
    base = definition.base(shelf)
    states = {}
    for override in definition.overrides.all():
        covered = base.by_key.get(override.key)
        line = render_transition(covered) if covered else ""
        state = OverrideState(standing(override.change, base), override.beneath != line)
        states[override.key] = state
    return states


def _compared(name: Name, before: _State, after: _State) -> RehearsedMachine | None:
    differences = diff(before.machine, after.machine)
    overrides = tuple(
        RehearsedOverride(key, before.overrides[key], state)
        for key, state in after.overrides.items()
        if key in before.overrides and before.overrides[key] != state
    )
    findings = tuple(finding for finding in after.findings if finding not in before.findings)
    if not (differences or overrides or findings):
        return None
    machines = before.machine, after.machine
    return RehearsedMachine(*name, differences, overrides, findings, machines)
