"""Reading a page, line by line; the package says what is read as what."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..machine import Machine, name_problem
from ..notation import REMARK, Mistake, Note, Reader, lines_of
from .lines import (
    AROUND,
    BULLET,
    FENCE,
    MARKDOWN_HEADING,
    NO_TRANSITIONS,
    NUMBERED,
    PICTURE,
    RULE,
    is_escaped,
    is_title,
    kind_of,
    looks_like_transition,
    remark_of,
    without_asides,
)
from .values import (
    CAPABILITY,
    CURRENT,
    Ignored,
    Page,
    PageMachine,
    PageTemplate,
    capability_name_problem,
)


def parse_page(text: str) -> Page:
    """Read a page as far as it can be read. Never raises; look at `mistakes` before using it."""
    return _PageReader(lines_of(text)).read()


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
        self._pass_over_pictures()
        self.following = self._following()
        for index, text in enumerate(self.lines):
            if text:
                self._line(index, text)
        return self._page()

    def _pass_over_pictures(self) -> None:
        """A diagram says what the transitions beside it say; one that has no end is none."""
        begin = None
        for index, text in enumerate(self.lines):
            if begin is None and text == PICTURE:
                begin = index
            elif begin is not None and FENCE.match(text):
                for inside in range(begin, index + 1):
                    if self.lines[inside]:
                        self._ignore(inside)
                    self.lines[inside] = ""
                begin = None

    def _following(self) -> list[str]:
        """For each line, the next one that is neither blank nor a fence."""
        following, result = "", []
        for text in reversed(self.lines):
            result.append(following)
            if text and not FENCE.match(text):
                following = text
        return result[::-1]

    def _line(self, index: int, text: str) -> None:
        if FENCE.match(text) or RULE.match(text):
            self._ignore(index)
        elif kind := kind_of(text):
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
        remark = remark_of(text)
        if remark is not None:
            if remark.lower() == NO_TRANSITIONS:
                section.empty_at = index
                section.headings.append(index + 1)
            elif remark:
                remark = remark[1:] if is_escaped(remark) else remark
                section.reader.note(remark, index + 1, self.raw[index])
            else:
                self._ignore(index)
        elif looks_like_transition(text):
            section.reader.transition(self.raw[index], index + 1)
        else:
            prose = BULLET.sub("", text, count=1)
            section.reader.note(prose, index + 1, self.raw[index], on_machine=True)

    def _outside(self, index: int, text: str) -> None:
        if looks_like_transition(text) and not self.in_legend:
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
            kind_of(following)
            or looks_like_transition(following)
            or remark_of(following) is not None
        )

    def _capability(self, index: int, text: str) -> str | None:
        """The name, if the line opens a capability; a wrong name too, so that it is reported."""
        heading = MARKDOWN_HEADING.match(text)
        name = heading["text"].strip() if heading else text
        if name.lower() == "legend" or not self._opens_machine(index):
            return None
        alone = heading or index == 0 or not self.lines[index - 1]
        if not alone or remark_of(text) is not None or NUMBERED.match(name):
            return None
        if looks_like_transition(text) or BULLET.match(text):
            return None
        # Whatever stands where a name does is taken for one: passed over, it would leave the
        # transitions after it to the capability before it.
        following = self.following[index]
        opens = kind_of(following) or (following.startswith("[") and not self.in_legend)
        return name if CAPABILITY.match(name) or (opens and is_title(name)) else None

    def _template_title(self, index: int, text: str) -> str | None:
        heading = MARKDOWN_HEADING.match(text)
        numbered = NUMBERED.match(heading["text"] if heading else text)
        if numbered is None or numbered["text"].startswith("[") or not self._opens_machine(index):
            return None
        return numbered["text"].strip()

    def _ends_section(self, index: int, text: str) -> bool:
        """Whether the line is a heading of something that is no machine, or not of the page."""
        if looks_like_transition(text) or remark_of(text) is not None:
            return False
        if MARKDOWN_HEADING.match(text) or AROUND.match(text):
            return True
        alone = not self.lines[index - 1] if index else True
        last = index + 1 == len(self.lines)
        next_line = "" if last else self.lines[index + 1]
        if next_line and RULE.match(next_line) and not self.in_legend:
            return True
        if not alone or next_line or not is_title(text):
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
        title, aside = without_asides(title)
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
                    f"“{REMARK} {NO_TRANSITIONS.capitalize()}” means that the machine has none; "
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
        self.ignored.sort(key=lambda ignored: ignored.line)
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
