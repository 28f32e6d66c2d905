"""Kinds of change: what a write did in one word, read off the action that its entry keeps."""

from django.db import models
from django.db.models import Q


class ChangeKind(models.TextChoices):
    """What a write did, in one word."""

    ADDED = "added"
    CHANGED = "changed"
    OVERRIDDEN = "overridden"
    REMOVED = "removed"
    RENAMED = "renamed"
    IMPORTED = "imported"
    UNDONE = "undone"
    RESTORED = "restored"
    RELEASED = "released"

    @classmethod
    def of(cls, action: str) -> "ChangeKind":
        """The kind of an action; one that no other kind has is a change."""
        for kind, actions in _EXACT.items():
            if action in actions:
                return kind
        for kind, ends in _ENDS.items():
            if action.endswith(ends):
                return kind
        return cls.CHANGED

    @property
    def sign(self) -> str:
        """What marks it beside its word."""
        return _SIGNS[self]

    @property
    def asked(self) -> Q:
        """Entries of this kind: the same as `of` says, asked of the database."""
        if self is ChangeKind.CHANGED:
            others = Q()
            for kind in (*_EXACT, *_ENDS):
                others |= kind.asked
            return ~others
        exact = Q(action__in=_EXACT.get(self, ()))
        ends = Q()
        for end in _ENDS.get(self, ()):
            ends |= Q(action__endswith=end)
        every = Q(action__in=[each for actions in _EXACT.values() for each in actions])
        return exact | (ends & ~every) if ends else exact


_SIGNS = {
    ChangeKind.ADDED: "+",
    ChangeKind.CHANGED: "~",
    ChangeKind.OVERRIDDEN: "~",
    ChangeKind.REMOVED: "−",
    ChangeKind.RENAMED: "→",
    ChangeKind.IMPORTED: "⇥",
    ChangeKind.UNDONE: "↶",
    ChangeKind.RESTORED: "↺",
    ChangeKind.RELEASED: "⚑",
}
_EXACT: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.OVERRIDDEN: (
        *("transition put", "transition moved", "transition dropped", "transition restored"),
        *("text saved", "two changes joined"),
    ),
    ChangeKind.RENAMED: ("machine template renamed", "name renamed"),
    ChangeKind.IMPORTED: ("imported",),
    ChangeKind.UNDONE: ("undone",),
    ChangeKind.RESTORED: ("restored",),
    ChangeKind.RELEASED: ("released",),
}
_ENDS: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.ADDED: (" added", " copied", " attached", " brought back"),
    ChangeKind.REMOVED: (" removed", " retired"),
}
"""Nouns may be added: a “note added” and whatever else is “added” are of one kind."""
