"""What is deployed against what should be: each row that is missing, extra or another one.

What is deployed comes from a dump, which is never stored; ids of rows are not compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .diff import ActionDifference, Difference, Kind, diff
from .machine import Action, Key, Machine, Transition
from .notation import render, render_action, render_actions, render_transition
from .sentences import count

WHOLE = Key("", "")
"""The key of what is about a machine as a whole."""


@dataclass(frozen=True, slots=True)
class TypedMachine:
    """A machine as it is deployed; `type` is its machine type there, "" for none."""

    machine: Machine
    type: str = ""


class DriftKind(StrEnum):
    """How a row that is deployed differs from the one that should be."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    MOVED = "moved"


SIGNS = {
    DriftKind.MISSING: "−",
    DriftKind.EXTRA: "+",
    DriftKind.CHANGED: "~",
    DriftKind.MOVED: "↕",
}
"""A sign for each kind, so that none is told by colour alone."""

_KINDS = {
    Kind.REMOVED: DriftKind.MISSING,
    Kind.ADDED: DriftKind.EXTRA,
    Kind.CHANGED: DriftKind.CHANGED,
    Kind.MOVED: DriftKind.MOVED,
}

Subject = tuple[str, Key]
"""A capability's name, and a key or WHOLE."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not as it should be with one transition and its actions, or with a whole machine.

    `difference` goes from what should be to what is deployed; None for a whole machine.
    """

    capability: str
    key: Key
    kind: DriftKind
    difference: Difference | None = None
    expected: TypedMachine | None = None
    deployed: TypedMachine | None = None

    @property
    def subject(self) -> Subject:
        return self.capability, self.key

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def should(self) -> str:
        """The line that should be deployed, "" for none."""
        return _line(self.difference.old) if self.difference else ""

    @property
    def there(self) -> str:
        """The line that is deployed, "" for none."""
        return _line(self.difference.new) if self.difference else ""

    @property
    def text(self) -> str:
        """One text for one drift, and another one for every other."""
        if self.difference:
            moved = ["moved"] if self.difference.moved else []
            lines = [f"- {self.should}"] if self.should else []
            lines += [f"+ {self.there}"] if self.there else []
            return "\n".join([*lines, *moved])
        if self.kind is DriftKind.EXTRA and self.deployed:
            return f"+ machine {self.deployed.type}\n{render(self.deployed.machine)}".rstrip()
        if self.kind is DriftKind.MISSING:
            return "- machine"
        return f"- type {_type(self.expected)}\n+ type {_type(self.deployed)}"

    @property
    def sentences(self) -> list[str]:
        """What is not as it should be, a sentence for each row."""
        return list(_sentences(self))


def named(subject: Subject) -> str:
    """What a drift is about: “null [Queued] - <resume>”, “null as a whole”."""
    name, key = subject
    return f"{name} as a whole" if key == WHOLE else f"{name} {key}"


def drifts(
    deployed: Mapping[str, TypedMachine], expected: Mapping[str, TypedMachine]
) -> tuple[Drift, ...]:
    """Whatever of `deployed` is not as in `expected`: by capability, a whole machine first.

    Empty if and only if both hold the same machines, of the same types.
    """
    found = []
    for name in sorted({*deployed, *expected}):
        there, should = deployed.get(name), expected.get(name)
        if there is None or should is None:
            kind = DriftKind.MISSING if there is None else DriftKind.EXTRA
            found.append(Drift(name, WHOLE, kind, expected=should, deployed=there))
            continue
        if there.type != should.type:
            found.append(Drift(name, WHOLE, DriftKind.CHANGED, expected=should, deployed=there))
        found += [
            Drift(name, each.key, _KINDS[each.kind], each)
            for each in diff(should.machine, there.machine)
        ]
    return tuple(found)


def _line(transition: Transition | None) -> str:
    return render_transition(transition) if transition else ""


def _type(machine: TypedMachine | None) -> str:
    return machine.type if machine else ""


def _sentences(drift: Drift) -> Iterator[str]:
    found = drift.difference
    if found is None:
        yield _of_machine(drift)
        return
    key, old, new = str(drift.key), found.old, found.new
    if old is None or new is None:
        if old:
            does = f"{render_actions(old.actions)}, then [{old.target}]"
            yield f"{key} is missing; it should do this: {does}."
        elif new:
            does = f"{render_actions(new.actions)}, then [{new.target}]"
            yield f"{key} is extra; it does this: {does}."
        return
    for each in found.changed_actions:
        yield _of_action(key, each)
    if found.retargeted:
        yield f"{key} leads to [{new.target}]; it should lead to [{old.target}]."
    if found.moved:
        yield f"{key} stands at another place in the order."


def _of_machine(drift: Drift) -> str:
    if drift.kind is DriftKind.MISSING and drift.expected:
        number = count(len(drift.expected.machine), "transition")
        return f"The machine is missing: it should be there, with {number}."
    if drift.kind is DriftKind.EXTRA and drift.deployed:
        number = count(len(drift.deployed.machine), "transition")
        return f"The machine is extra: it is there, with {number}, and should not be."
    is_, should = _type(drift.deployed), _type(drift.expected)
    told = f"“{is_}”" if is_ else "not given"
    wanted = f"it should be “{should}”" if should else "but no type writes this machine"
    return f"The machine type is {told}; {wanted}."


def _of_action(key: str, change: ActionDifference) -> str:
    should, does = _action(change.old), _action(change.new)
    if not does:
        return f"{key} does not do {should}, which it should."
    if not should:
        return f"{key} does {does}, which it should not."
    if should != does:
        return f"{key} does {does}; it should do {should}."
    return f"{key} does {does} at another place in the order."


def _action(action: Action | None) -> str:
    return render_action(action) if action else ""
