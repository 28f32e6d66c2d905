"""What is different between two machines: a difference a key, down to the single action."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .layers import keys_in_place
from .machine import Action, Key, Machine, Transition


class Kind(StrEnum):
    """How two machines, or two lists of actions, treat one thing differently."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    SAME = "same"


SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "−", Kind.CHANGED: "~", Kind.MOVED: "↕", Kind.SAME: "="}
"""A sign for each kind, so that no difference is told by colour alone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page shows at a difference: a sign and a word; `kind` is what a style sheet goes by.

    It is one of Kind, or RETARGETED.
    """

    kind: str
    sign: str
    word: str


RETARGETED = "retargeted"
RETARGETED_SIGN = "↳"


@dataclass(frozen=True, slots=True)
class ActionDifference:
    """What became of one action. CHANGED is the same action with another argument."""

    kind: Kind
    old: Action | None
    new: Action | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that two machines treat differently.

    `actions` tells each action of both sides, the same ones included, when the key is in both.
    MOVED means that only the place in the machine's order is another one; a CHANGED transition may
    have `moved` too.
    """

    key: Key
    kind: Kind
    old: Transition | None
    new: Transition | None
    actions: tuple[ActionDifference, ...] = ()
    moved: bool = False

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def retargeted(self) -> bool:
        return bool(self.old and self.new and self.old.target != self.new.target)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All that became of it, each thing once: a changed transition says in what way."""
        if self.kind is not Kind.CHANGED:
            return (Mark(self.kind, self.sign, self.kind),)
        kinds = {action.kind for action in self.changed_actions}
        found = []
        if kinds - {Kind.MOVED}:
            found.append(Mark(Kind.CHANGED, self.sign, "changed"))
        elif kinds:
            found.append(Mark(Kind.MOVED, SIGNS[Kind.MOVED], "reordered"))
        if self.retargeted:
            found.append(Mark(RETARGETED, RETARGETED_SIGN, RETARGETED))
        if self.moved:
            found.append(Mark(Kind.MOVED, SIGNS[Kind.MOVED], "moved"))
        return tuple(found)

    @property
    def changed_actions(self) -> tuple[ActionDifference, ...]:
        return tuple(action for action in self.actions if action.kind is not Kind.SAME)

    def kinds_of(self, *, is_new: bool) -> list[Kind]:
        """What became of each action of the old or the new side, in that side's order."""
        side = self.new if is_new else self.old
        if side and not self.actions:
            return [Kind.SAME] * len(side.actions)
        waiting = list(self.actions)
        kinds = []
        for action in side.actions if side else ():
            fate = next(each for each in waiting if (each.new if is_new else each.old) == action)
            waiting.remove(fate)
            kinds.append(fate.kind)
        return kinds


def diff(old: Machine, new: Machine) -> tuple[Difference, ...]:
    """Every key that `old` and `new` treat differently, in the order of both laid together.

    Empty if and only if the machines are equal.
    """
    in_place = keys_in_place(old, new)
    found = []
    for key in both_in_order(old, new):
        before, after = old.by_key.get(key), new.by_key.get(key)
        if before is None or after is None:
            kind = Kind.ADDED if before is None else Kind.REMOVED
            found.append(Difference(key, kind, before, after))
        elif before != after:
            actions = diff_actions(before.actions, after.actions)
            moved = key not in in_place
            found.append(Difference(key, Kind.CHANGED, before, after, actions, moved))
        elif key not in in_place:
            found.append(Difference(key, Kind.MOVED, before, after, moved=True))
    return tuple(found)


def both_in_order(old: Machine, new: Machine) -> list[Key]:
    """Every key of both machines once.

    The keys of `new` are in its order; those only in `old` follow what they followed there.
    """
    followers: dict[Key | None, list[Key]] = {}
    anchor: Key | None = None
    for key in old.by_key:
        if key in new.by_key:
            anchor = key
        else:
            followers.setdefault(anchor, []).append(key)
    order = list(followers.get(None, []))
    for key in new.by_key:
        order += [key, *followers.get(key, [])]
    return order


def diff_actions(old: Sequence[Action], new: Sequence[Action]) -> tuple[ActionDifference, ...]:
    """Align two lists of actions and say what became of each.

    An action that went from one place and came at another MOVED; one that went while the same
    action came with another argument CHANGED; both stand where the new one does.
    """
    steps = _aligned(old, new)
    gone = [index for index, step in enumerate(steps) if step.kind is Kind.REMOVED]
    paired: dict[int, int] = {}
    for same in (_same_action, _same_name):
        for index, step in enumerate(steps):
            if step.kind is Kind.ADDED and index not in paired:
                match = next((g for g in gone if same(steps[g].old, step.new)), None)
                if match is not None:
                    paired[index] = match
                    gone.remove(match)
    result = []
    for index, step in enumerate(steps):
        if index in paired:
            before = steps[paired[index]].old
            kind = Kind.MOVED if before == step.new else Kind.CHANGED
            result.append(ActionDifference(kind, before, step.new))
        elif index not in paired.values():
            result.append(step)
    return tuple(result)


def _same_action(old: Action | None, new: Action | None) -> bool:
    return old == new


def _same_name(old: Action | None, new: Action | None) -> bool:
    return bool(old and new and old.name == new.name)


def _aligned(old: Sequence[Action], new: Sequence[Action]) -> list[ActionDifference]:
    """Removed, added and same actions along a longest common run."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1
                if old[i] == new[j]
                else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    steps: list[ActionDifference] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            steps.append(ActionDifference(Kind.SAME, old[i], new[j]))
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or lengths[i + 1][j] >= lengths[i][j + 1]):
            steps.append(ActionDifference(Kind.REMOVED, old[i], None))
            i += 1
        else:
            steps.append(ActionDifference(Kind.ADDED, None, new[j]))
            j += 1
    return steps
