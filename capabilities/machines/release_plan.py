"""What a release changes against the one before it, told in plain English.

The same two releases give the same words, always. Machines that change alike up to their name are
told together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from .alike import unnamed
from .diff import Difference, diff
from .effects import Effects, effects
from .machine import Machine
from .sentences import all_sentences, count, effect_sentence, listed

OLD, NEW = "The previous release", "The new release"
"""What sentences call the two."""

ITS_NAME = "its name"
"""The parameter that stands for the name, where machines are told together."""


@dataclass(frozen=True)
class Released:
    """A machine as it is released."""

    machine: Machine
    kind: str = "current"
    requires_qa: bool = False


@dataclass(frozen=True)
class Change:
    """What becomes of machines that change alike: `names` are theirs."""

    names: tuple[str, ...]
    old: Released
    new: Released

    @property
    def title(self) -> str:
        """ "null and null_dag"."""
        return listed(self.names)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        return diff(self.old.machine, self.new.machine)

    @cached_property
    def found(self) -> Effects:
        return effects(self.old.machine, self.new.machine)

    @cached_property
    def sentences(self) -> list[str]:
        """What is different, transition by transition."""
        told = all_sentences(self.differences)
        if self.old.kind != self.new.kind:
            told.append(f"It is the {self.new.kind} machine; it was the {self.old.kind} one.")
        if self.old.requires_qa != self.new.requires_qa:
            told.append(f"QA is {'now' if self.new.requires_qa else 'no longer'} required.")
        return told

    @cached_property
    def for_users(self) -> list[str]:
        """What changes for users: what is sent or done differently, and which runs end elsewhere.

        A machine that differs only in what nobody notices says that.
        """
        told = [effect_sentence(each, old=OLD, new=NEW) for each in self.found]
        if not self.found.whole:
            told.append("The machines are too large to try every run; there may be more.")
        if not told:
            told.append("Nothing is sent or done differently, in any run.")
        return told


@dataclass(frozen=True)
class ReleasePlan:
    """What becomes of every machine; the names of those that come, go and stay as they are."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    same: tuple[str, ...]
    is_first: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)

    @property
    def verdict(self) -> str:
        """All of it in one sentence."""
        if self.is_first:
            return f"The first release: {count(len(self.added), 'machine')}."
        if self.is_empty:
            return "Every machine is as in the previous release."
        changed = sum(len(each.names) for each in self.changed)
        told = [
            f"{count(number, 'machine')} {one if number == 1 else many}"
            for number, one, many in (
                (changed, "changes", "change"),
                (len(self.added), "is new", "are new"),
                (len(self.removed), "is no longer in it", "are no longer in it"),
                (len(self.same), "stays as it is", "stay as they are"),
            )
            if number
        ]
        return f"{listed(told)}."

    @property
    def plain(self) -> dict[str, object]:
        """It as plain values, for scripts and messages."""
        return {
            "verdict": self.verdict,
            "added": self.added,
            "removed": self.removed,
            "same": self.same,
            "changed": [
                {
                    "machines": each.names,
                    "for_users": each.for_users,
                    "differences": each.sentences,
                }
                for each in self.changed
            ],
        }


def plan(old: Mapping[str, Released] | None, new: Mapping[str, Released]) -> ReleasePlan:
    """Compare the machines of two releases by their names; without `old`, it is the first one."""
    before = old or {}
    both = sorted(before.keys() & new.keys())
    return ReleasePlan(
        added=tuple(sorted(new.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - new.keys())),
        changed=_together({name: (before[name], new[name]) for name in both}),
        same=tuple(name for name in both if before[name] == new[name]),
        is_first=old is None,
    )


def _together(pairs: Mapping[str, tuple[Released, Released]]) -> tuple[Change, ...]:
    """The changes among them, those that are alike up to their name as one; by first name."""
    groups: dict[tuple[Released, Released, str], list[str]] = {}
    for name, (old, new) in pairs.items():
        if old != new:
            # A machine that says the parameter itself is told alone: two things would be one.
            alone = name if _says_parameter(old) or _says_parameter(new) else ""
            form = _unnamed(old, name), _unnamed(new, name), alone
            groups.setdefault(form, []).append(name)
    found = []
    for (old, new, _), names in groups.items():
        if len(names) == 1:
            old, new = pairs[names[0]]
        found.append(Change(tuple(names), old, new))
    return tuple(found)


def _unnamed(released: Released, name: str) -> Released:
    return replace(released, machine=unnamed(released.machine, name, ITS_NAME))


def _says_parameter(released: Released) -> bool:
    said = {action.argument for each in released.machine for action in each.actions}
    return f"({ITS_NAME})" in said
