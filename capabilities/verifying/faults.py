"""What can be wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: an entry by its sequence, or `about` another thing.

    With both, `about` is what differs from what the entry says of it.
    """

    sequence: int | None
    problem: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.about or f'entry {self.sequence}'} {self.problem}"
