r"""The team's wiki page: capabilities, their current and ideal machines, and machine templates.

What is read as what (the seed, `ws-807-state-machine-audit.txt`, is the model):

* a line of one word before a machine, `std_calibration`, or a Markdown heading of one word, opens a
  capability; `-- Current` and `-- Ideal`, or such headings, open one of its machines;
* `1. Simple run-workflow` before a machine opens a machine template; what stands in parentheses
  behind the title is a note;
* lines of a machine are in the notation; remarks and prose in a machine are notes; prose alone
  under Ideal leaves the ideal the same as the current machine; `-- No transitions` says that it has
  none;
* everything else (legend, prose between the machines, what the web page puts around) is ignored,
  and listed as ignored. A line that looks like a transition is never ignored.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .machine import Key, Machine, name_problem
from .notation import (
    REMARK,
    Mistake,
    Note,
    Reader,
    lines_of,
    render_transition,
)

CURRENT, IDEAL = "current", "ideal"
KINDS = (CURRENT, IDEAL)

_CAPABILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_RESERVED = {"legend", *KINDS}
_NO_TRANSITIONS = "no transitions"
# Words that a remark of one of these texts would mean; a backslash keeps it a remark.
_MEANT = re.compile(rf"\\*({CURRENT}|{IDEAL}|{_NO_TRANSITIONS}):?\Z", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*)\Z")
_NUMBERED = re.compile(r"\d{1,9}[.)]\s+(?P<text>.*)\Z")
_BULLET = re.compile(r"\A[•*+]\s+|\A-\s+(?!<)")
_FENCE = re.compile(r"(```|~~~)\w*\Z")
_RULE = re.compile(r"([-=*_])\1{2,}\Z")
# What GitLab puts around the page: it is nobody's note.
_AROUND = re.compile(r"(Skip to content|Edited by .*|Merge request reports)\Z")
_MARKS = ("[", "]", "<", ">", "{", "}", "->")
_TITLE_WORDS = 8


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
    if not _CAPABILITY.match(name):
        return "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit"
    if name.lower() in _RESERVED:
        return "is a word with a meaning of its own on the page"
    return None


def parse_page(text: str) -> Page:
    """Read a page as far as it can be read. Never raises; look at `mistakes` before using it."""
    return _PageReader(lines_of(text)).read()


def render_page(page: Page, *, markdown: bool = False) -> str:
    """Write a page, in the team's plain form or as Markdown; `parse_page` gives it back.

    Machines and templates keep their order, which must have a capability's machines side by side.
    """
    return "\n\n".join(_blocks(page, markdown)) + "\n"


def _blocks(page: Page, markdown: bool) -> Iterator[str]:
    def heading(level: int, text: str) -> str:
        return f"{'#' * level} {text}" if markdown else text

    def block(lines: list[str]) -> str:
        return "\n".join(["```text", *lines, "```"] if markdown else lines)

    yield heading(1, "Capability State Machines")
    yield heading(2, "Legend")
    yield block(["- [State Name]", "- <event> {Action 1} {Action 2} ... {Action N} ->"])
    capability = None
    for item in page.machines:
        if item.capability != capability:
            capability = item.capability
            yield heading(2, capability)
        kind = item.kind.title()
        lines = _machine_lines(item.machine, item.notes)
        if markdown:
            yield heading(3, kind)
            yield block(lines)
        else:
            yield block([f"{REMARK} {kind}", *lines])
    if page.templates:
        yield heading(2, "Current Templates")
    for number, template in enumerate(page.templates, start=1):
        title = re.sub(r"([\\(]|\A\[)", r"\\\1", template.title)
        lines = _machine_lines(template.machine, template.notes)
        if markdown:
            yield heading(3, f"{number}. {title}")
            yield block(lines)
        else:
            yield block([f"{number}. {title}", *lines])


def _machine_lines(machine: Machine | None, notes: Iterable[Note]) -> list[str]:
    at: dict[Key | None, list[str]] = {}
    for note in notes:
        key = note.key if machine and note.key in machine.by_key else None
        text = f"\\{note.text}" if _MEANT.match(note.text) else note.text
        at.setdefault(key, []).append(f"{REMARK} {text}")
    lines = at.get(None, [])
    if machine is not None and not machine:
        lines.append(f"{REMARK} {_NO_TRANSITIONS.capitalize()}")
    for transition in machine or ():
        lines += [render_transition(transition), *at.get(transition.key, [])]
    return lines


def _without_asides(title: str) -> tuple[str, str]:
    """Split what stands in parentheses behind a title off it: the title, and what stood there."""
    asides: list[str] = []
    end = len(title)
    while title.endswith(")", 0, end):
        start = title.rfind("(", 0, end)
        inside = title[start + 1 : end - 1]
        if start < 0 or title.endswith("\\", 0, start) or ")" in inside or "\\" in inside:
            break
        asides.append(title[start:end])
        end = start
        while end and title[end - 1].isspace():
            end -= 1
    return title[:end], " ".join(reversed(asides))


def _looks_like_transition(text: str) -> bool:
    return text.startswith("[") or sum(mark in text for mark in _MARKS) >= 4


def _remark(text: str) -> str | None:
    """The text of a remark, or None when the line is none."""
    if not text.startswith(REMARK) or _RULE.match(text):
        return None
    return text.removeprefix(REMARK).strip()


def _kind(text: str) -> str | None:
    """The kind that a line opens: `-- Current`, `### Ideal`."""
    heading = _MARKDOWN_HEADING.match(text)
    word = heading["text"] if heading else _remark(text)
    word = (word or "").strip().removesuffix(":").lower()
    return word if word in KINDS else None


class _Section:
    """The machine that is being read, and what its headings said."""

    def __init__(
        self, line: int, *, capability: str = "", kind: str = "", title: str | None = None
    ) -> None:
        self.capability, self.kind, self.title = capability, kind, title
        self.headings = [line]
        self.line = line
        self.reader = Reader()
        self.empty_at: int | None = None
        self.has_kind_heading = False


class _PageReader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = [line.strip() for line in lines]
        self.raw = lines
        self.section: _Section | None = None
        self.in_legend = False
        self.sections: list[_Section] = []
        self.ignored: list[Ignored] = []
        self.mistakes: list[Mistake] = []

    def read(self) -> Page:
        self.following = self._following()
        for index, text in enumerate(self.lines):
            if text:
                self._line(index, text)
        return self._page()

    def _following(self) -> list[str]:
        """For each line, the next one that is neither blank nor a fence."""
        following, result = "", []
        for text in reversed(self.lines):
            result.append(following)
            if text and not _FENCE.match(text):
                following = text
        return result[::-1]

    def _line(self, index: int, text: str) -> None:
        if _FENCE.match(text) or _RULE.match(text):
            self._ignore(index)
        elif kind := _kind(text):
            self._open_kind(index, kind)
        elif (name := self._capability(index, text)) is not None:
            self._open_capability(index, name)
        elif (title := self._template_title(index, text)) is not None:
            self._open_template(index, title)
        elif self._ends_section(index, text):
            self.section = None
            self.in_legend = text.lstrip("# ").lower() == "legend"
            self._ignore(index)
        elif self.section is None:
            self._outside(index, text)
        else:
            self._in_machine(index, text, self.section)

    def _in_machine(self, index: int, text: str, section: _Section) -> None:
        remark = _remark(text)
        if remark is not None:
            if remark.lower() == _NO_TRANSITIONS:
                section.empty_at = index
                section.headings.append(index + 1)
            elif remark:
                remark = remark[1:] if _is_escaped(remark) else remark
                section.reader.note(remark, index + 1, self.raw[index])
            else:
                self._ignore(index)
        elif _looks_like_transition(text):
            section.reader.transition(self.raw[index], index + 1)
        else:
            prose = _BULLET.sub("", text, count=1)
            section.reader.note(prose, index + 1, self.raw[index], on_machine=True)

    def _outside(self, index: int, text: str) -> None:
        if _looks_like_transition(text) and not self.in_legend:
            self._mistake(
                index,
                "no-machine",
                "this transition belongs to no machine; expected the capability's name "
                "on a line of its own above it",
            )
        else:
            self._ignore(index)

    # -- what opens and ends a machine

    def _opens_machine(self, index: int) -> bool:
        """Whether a machine follows the line, so that it may be the machine's heading."""
        following = self.following[index]
        return bool(
            _kind(following) or _looks_like_transition(following) or _remark(following) is not None
        )

    def _capability(self, index: int, text: str) -> str | None:
        """The name, if the line opens a capability; a wrong name too, so that it is reported."""
        heading = _MARKDOWN_HEADING.match(text)
        name = heading["text"].strip() if heading else text
        if name.lower() == "legend" or not self._opens_machine(index):
            return None
        alone = heading or index == 0 or not self.lines[index - 1]
        if not alone or _remark(text) is not None or _NUMBERED.match(name):
            return None
        if _looks_like_transition(text) or _BULLET.match(text):
            return None
        # Whatever stands where a name does is taken for one: passed over, it would leave the
        # transitions after it to the capability before it.
        following = self.following[index]
        opens = _kind(following) or (following.startswith("[") and not self.in_legend)
        return name if _CAPABILITY.match(name) or (opens and _is_title(name)) else None

    def _template_title(self, index: int, text: str) -> str | None:
        heading = _MARKDOWN_HEADING.match(text)
        numbered = _NUMBERED.match(heading["text"] if heading else text)
        if numbered is None or numbered["text"].startswith("[") or not self._opens_machine(index):
            return None
        return numbered["text"].strip()

    def _ends_section(self, index: int, text: str) -> bool:
        """Whether the line is a heading of something that is no machine, or not of the page."""
        if _looks_like_transition(text) or _remark(text) is not None:
            return False
        if _MARKDOWN_HEADING.match(text) or _AROUND.match(text):
            return True
        alone = not self.lines[index - 1] if index else True
        last = index + 1 == len(self.lines)
        next_line = "" if last else self.lines[index + 1]
        if next_line and _RULE.match(next_line) and not self.in_legend:
            return True
        if not alone or next_line or not _is_title(text):
            return False
        if text.lower() == "legend" or "templat" in text.lower():
            return True
        # Prose under a heading that has no transitions yet is what the team says of that machine.
        return self.section is not None and self.section.reader.has_transitions

    def _open_capability(self, index: int, name: str) -> None:
        if problem := capability_name_problem(name):
            self._mistake(
                index,
                "bad-capability",
                f"this stands where a capability's name does, but it {problem} "
                f"(a remark begins with “{REMARK}”)",
            )
        self._open(_Section(index + 1, capability=name, kind=CURRENT))

    def _open_kind(self, index: int, kind: str) -> None:
        section = self.section
        if section is None or section.title is not None:
            self._mistake(
                index,
                "no-capability",
                f"“{kind.title()}” belongs to no capability; expected the capability's name "
                "on a line of its own above it",
            )
            return
        untouched = not section.has_kind_heading and not section.reader.has_transitions
        if untouched:
            section.kind = kind
            section.line = index + 1
            section.headings.append(index + 1)
        else:
            section = _Section(index + 1, capability=section.capability, kind=kind)
            self._open(section)
        section.has_kind_heading = True

    def _open_template(self, index: int, title: str) -> None:
        title, aside = _without_asides(title)
        title = re.sub(r"\\([\\(]|(?<=\A\\)\[)", r"\1", title)
        if problem := name_problem(title):
            self._mistake(
                index, "bad-title", f"the machine template's title {problem}; expected a title"
            )
        section = _Section(index + 1, title=title)
        self._open(section)
        section.reader.note(aside, index + 1, self.raw[index])

    def _open(self, section: _Section) -> None:
        self.section = section
        self.in_legend = False
        self.sections.append(section)

    # -- what comes out

    def _ignore(self, index: int) -> None:
        self.ignored.append(Ignored(index + 1, self.raw[index]))

    def _mistake(self, index: int, code: str, message: str) -> None:
        raw = self.raw[index]
        column = len(raw) - len(raw.lstrip()) + 1
        self.mistakes.append(Mistake(index + 1, column, code, message, raw))

    def _page(self) -> Page:
        machines: dict[tuple[str, str], PageMachine] = {}
        templates: dict[str, PageTemplate] = {}
        for section in self.sections:
            reading = section.reader.reading()
            self.mistakes += reading.mistakes
            machine = Machine(reading.transitions)
            if machine and section.empty_at is not None:
                self._mistake(
                    section.empty_at,
                    "no-transitions-mixed",
                    f"“{REMARK} {_NO_TRANSITIONS.capitalize()}” means that the machine has none; "
                    "expected it alone, or the transitions without it",
                )
            notes = _in_order(reading.notes, machine)
            headings = tuple(section.headings)
            if section.title is not None:
                title = section.title
                self._once(section, templates, title, f"machine template “{title}”")
                template = PageTemplate(
                    title, machine, notes, section.line, headings, reading.lines
                )
                templates.setdefault(title, template)
            else:
                key = (section.capability, section.kind)
                self._once(section, machines, key, f"{section.kind} machine of “{key[0]}”")
                own = machine or section.empty_at is not None or section.kind == CURRENT
                found = PageMachine(
                    *key, machine if own else None, notes, section.line, headings, reading.lines
                )
                machines.setdefault(key, found)
        self.mistakes.sort(key=lambda mistake: (mistake.line, mistake.column))
        return Page(
            tuple(machines.values()),
            tuple(templates.values()),
            tuple(self.mistakes),
            tuple(self.ignored),
        )

    def _once(
        self, section: _Section, seen: Mapping[Any, PageMachine | PageTemplate], key: Any, what: str
    ) -> None:
        if key in seen:
            self._mistake(
                section.line - 1,
                "duplicate-machine",
                f"the {what} stands on line {seen[key].line} already; expected it once on a page",
            )


def _in_order(notes: Iterable[Note], machine: Machine) -> tuple[Note, ...]:
    """Notes on the machine first, then those at its transitions in their order, as written out."""
    places = {key: place for place, key in enumerate(machine.by_key)}
    return tuple(sorted(notes, key=lambda note: places.get(note.key, -1) if note.key else -1))


def _is_escaped(remark: str) -> bool:
    return remark.startswith("\\") and _MEANT.match(remark) is not None


def _is_title(text: str) -> bool:
    """Whether a line reads like a heading: few words, and no full stop."""
    return len(text.split()) <= _TITLE_WORDS and text[-1] not in ".:;,!?"
