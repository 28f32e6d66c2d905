"""What a page says, as values."""

import re
from dataclasses import dataclass, field

from ..machine import Key, Machine, name_problem
from ..notation import Mistake, Note

CURRENT, IDEAL = "current", "ideal"
KINDS = (CURRENT, IDEAL)

CAPABILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_RESERVED = {"legend", *KINDS}


@dataclass(frozen=True)
class PageMachine:
    """One capability's machine of one kind on a page.

    `machine` is None when the page leaves it the same as the current one. `line` is where it
    begins, `headings` are all lines that name it, `lines` tells where each transition stands.
    """

    capability: str
    kind: str
    machine: Machine | None
    notes: tuple[Note, ...] = ()
    line: int = field(default=0, compare=False)
    headings: tuple[int, ...] = field(default=(), compare=False)
    lines: dict[Key, int] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class PageTemplate:
    """A machine template on a page, as the whole machine that it makes."""

    title: str
    machine: Machine
    notes: tuple[Note, ...] = ()
    line: int = field(default=0, compare=False)
    headings: tuple[int, ...] = field(default=(), compare=False)
    lines: dict[Key, int] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Ignored:
    """A line that is no part of any machine and no note."""

    line: int
    text: str


@dataclass(frozen=True)
class Page:
    """Everything that a page says. With any mistake in it, nothing of it may be used."""

    machines: tuple[PageMachine, ...] = ()
    templates: tuple[PageTemplate, ...] = ()
    mistakes: tuple[Mistake, ...] = field(default=(), compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)


def capability_name_problem(name: str) -> str | None:
    """Say why a capability cannot be called `name`, or return None.

    Names stand in addresses, file names and headings of the page: letters, digits, `_`, `-`, `.`.
    """
    if problem := name_problem(name):
        return problem
    if not CAPABILITY.match(name):
        return "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit"
    if name.lower() in _RESERVED:
        return "is a word with a meaning of its own on the page"
    return None
