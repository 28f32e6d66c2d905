"""The walk along the chain, from the first entry to the head."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from ..checkpoints import Checkpoint
from ..models import AuditEntry, AuditHead, Kind
from .faults import Fault

COLUMNS = (*AuditEntry.HASHED, "made_of", "digest")
PAGE = 1000  # entries that are in memory at once

Subject = tuple[str, str, str]
"""What an entry is about: its kind of subject, name, and kind of machine."""

_NOTHING = hash("")
_DEFINITION = AuditEntry.Subject.DEFINITION.value


@dataclass(slots=True)
class Told:
    """The last entry that tells of a machine. Texts are kept as their hashes.

    `doubtful`: the entry itself is at fault, or others after it are missing; it tells nothing.
    `same`: of an ideal machine, that it was what the current one was.
    """

    sequence: int
    request: str
    before: int
    after: int
    doubtful: bool = False
    same: bool = False

    @property
    def is_there(self) -> bool:
        """Whether there was such a machine, or one that is not empty."""
        return self.after != _NOTHING


class Walk:
    """What was seen along the chain. `told` has every machine that an entry tells of."""

    def __init__(self) -> None:
        self.entries = 0
        self.told: dict[Subject, Told] = {}
        self.has_gaps = False
        self._sequence, self._digest = 0, ""

    def faults(self, checkpoint: Checkpoint | None = None) -> Iterator[Fault]:
        """Go from the first entry to the head, and yield every fault on the way and there."""
        key = settings.AUDIT_KEY.encode()
        for row in _rows():
            self.entries += 1
            *values, made_of, digest = row
            entry = dict(zip(AuditEntry.HASHED, values, strict=True))
            found = [*self._order_faults(entry), *_checkpoint_faults(checkpoint, *_end(row))]
            if digest != AuditEntry.digest_of(values, made_of, key):
                found.append(Fault(entry["sequence"], "was changed after it was written"))
            found += self._listen(entry, doubtful=bool(found))
            yield from found
            self._sequence, self._digest = _end(row)
        yield from self._end_faults(checkpoint)

    def _order_faults(self, entry: dict[str, Any]) -> Iterator[Fault]:
        sequence = entry["sequence"]
        if sequence != self._sequence + 1:
            self.has_gaps = True
            for told in self.told.values():
                told.doubtful = True
            yield Fault(self._sequence + 1, f"is missing: the next entry is {sequence}")
        elif entry["previous"] != self._digest:
            yield Fault(sequence, "does not follow from the entry before it")

    def _end_faults(self, checkpoint: Checkpoint | None) -> Iterator[Fault]:
        last = self._sequence
        head = AuditHead.objects.filter(pk=1).first()
        if head is None:
            if last:
                yield Fault(None, "is missing", "the head of the log")
        elif head.sequence > last:
            yield Fault(last + 1, f"is missing: the log ends before entry {head.sequence}")
        elif head.sequence < last:
            problem = f"is not the last entry: the log goes on to entry {last}"
            yield Fault(head.sequence, problem, "the head of the log")
        elif head.digest != self._digest:
            yield Fault(last, "is not the entry that the head of the log names")
        if checkpoint and checkpoint.sequence > max(last, head.sequence if head else 0):
            problem = f"is missing: the checkpoint names entry {checkpoint.sequence}"
            yield Fault(last + 1, problem)

    def _listen(self, entry: dict[str, Any], *, doubtful: bool) -> Iterator[Fault]:
        """Remember what an entry says. It has to begin where the one before it ended."""
        subject = entry["subject"], entry["name"], entry["kind"]
        told = Told(
            entry["sequence"],
            entry["request"],
            hash(entry["before"]),
            hash(entry["after"]),
            doubtful,
        )
        last = self.told.get(subject)
        self.told[subject] = told
        if subject[0] == _DEFINITION:
            self._compare_kinds(subject[1], told, is_ideal=subject[2] == Kind.IDEAL)
        if last and not (last.doubtful or doubtful) and told.before not in self._may(subject, last):
            yield Fault(
                entry["sequence"],
                f"begins with another machine than entry {last.sequence} ended with: "
                "it was changed past the log in between",
            )

    def _may(self, subject: Subject, last: Told) -> set[int]:
        """The texts that an entry may begin with.

        An ideal machine that is the same as current changes with it, and no entry tells of that.
        """
        current = self.told.get((_DEFINITION, subject[1], Kind.CURRENT))
        if subject[0] == _DEFINITION and subject[2] == Kind.IDEAL:
            return {last.after, _NOTHING, *((current.before, current.after) if current else ())}
        return {last.after}

    def _compare_kinds(self, name: str, told: Told, *, is_ideal: bool) -> None:
        other = Kind.CURRENT if is_ideal else Kind.IDEAL
        found = self.told.get((_DEFINITION, name, other))
        if is_ideal:
            told.same = told.after == (found.after if found else _NOTHING)
        elif found and found.request == told.request:  # one write, the ideal machine first
            found.same = found.same or found.after == told.after


def _rows() -> Iterator[tuple[Any, ...]]:
    """Every entry's columns, in order, some at a time: a cursor over all may keep all of them."""
    entries, last = AuditEntry.objects.order_by("sequence").values_list(*COLUMNS), -1
    while page := list(entries.filter(sequence__gt=last)[:PAGE]):
        yield from page
        last = page[-1][0]


def _end(row: tuple[Any, ...]) -> tuple[int, str]:
    return row[0], row[-1]


def _checkpoint_faults(
    checkpoint: Checkpoint | None, sequence: int, digest: str
) -> Iterator[Fault]:
    if checkpoint and checkpoint.sequence == sequence and checkpoint.digest != digest:
        yield Fault(sequence, "is not the entry that the checkpoint names")
