"""What a write would do to every definition, told before it is done.

The write itself is run, in a transaction that is rolled back: so the plan says exactly what will be
done, whatever the write is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from ..machines.checks import Finding
from ..machines.diff import Difference, diff
from ..machines.layers import Standing, standing
from ..machines.machine import Key, Machine
from ..machines.notation import render_transition
from ..machines.sentences import all_sentences
from ..models import Definition, Fleet, Shelf, vocabulary

Name = tuple[str, str]


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

    @property
    def sentences(self) -> list[str]:
        return all_sentences(self.differences)


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
        before = _states()
        write()
        after = _states()
        transaction.set_rollback(True)
    nothing = _State(Machine(), {}, ())
    return [
        changed
        for name, state in after.items()
        if (changed := _compared(name, before.get(name, nothing), state))
    ]


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
    return RehearsedMachine(*name, differences, overrides, findings)
