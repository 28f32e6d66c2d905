"""What an import does, told before it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..machines.diff import Difference
from ..machines.notation import Mistake
from ..machines.page import Ignored
from ..machines.sentences import all_sentences

Layers = dict[tuple[str, str, str], str]
"""For what was written, by subject, name and kind: which layers it has."""

Watch = Callable[[str, int, int], None]
"""Told of what an import does, how much of it is done and how much there is, 0 for not known.

It is called between machines; what it raises ends the import, and nothing is stored.
"""

READING, MACHINES, ROWS, LOG = "reading", "machines", "rows", "log"
"""What an import does, in this order; one of the two in the middle."""

WORDS = ("new", "changed", "removed", "unchanged")


def unwatched(what: str, done: int, total: int) -> None:
    """Watch nothing, and let the import go on."""


@dataclass(frozen=True)
class PlannedNote:
    """A line that is read as a note on a machine; `new` if the machine does not have it yet.

    `answers` says that the machine has it as an open question, which gets its answer.
    """

    owner: str
    text: str
    line: int
    new: bool
    is_question: bool = False
    answers: bool = False


@dataclass(frozen=True)
class Planned:
    """What an import does to one machine; `word` is *new*, *changed*, *unchanged* or *removed*.

    `made_of` says which layers it has then.
    """

    subject: str
    name: str
    kind: str
    word: str
    made_of: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What is different afterwards, in English."""
        return all_sentences(self.differences)

    @property
    def title(self) -> str:
        return f"{self.name} {self.kind}".strip()


@dataclass
class Plan:
    """What an import does, or has done.

    `head` is the audit entry after which it was made: a later one may make it a different plan.
    `rows_change` says of a fixture that it brings other rows, be the machines the same.
    """

    planned: list[Planned] = field(default_factory=list)
    notes: list[PlannedNote] = field(default_factory=list)
    ignored: Sequence[Ignored] = ()
    mistakes: Sequence[Mistake] = ()
    warnings: list[str] = field(default_factory=list)
    head: int = 0
    rows_change: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many machines are new, changed, removed and unchanged."""
        words = [each.word for each in self.planned]
        return {word: words.count(word) for word in WORDS}

    @property
    def changes_anything(self) -> bool:
        machines = any(each.word != "unchanged" for each in self.planned)
        return machines or self.rows_change or any(note.new or note.answers for note in self.notes)
