r"""The notation of the team's page: one transition a line, in and out.

    machine    = { line }                       a line ends at LF or CRLF and at nothing else
    line       = transition | remark | blank
    transition = "[" source "]" "-" "<" event ">" { action } "->" "[" target "]"
    action     = "{" name [ argument ] "}" | "{no action}"
    remark     = "--" text                      a note; `questions` says what a remark may say

A backslash before one of `\ [ ] < > { }` makes it part of the name; before anything else it is a
backslash. The scanner goes through each line once, from left to right, so its time is linear.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from .brackets import BRACKETS, ESCAPED, bracketed
from .machine import ACTIONS_LIMIT, Action, Key, Machine, Transition, name_problem
from .questions import Answer, Remark, read_answer, read_remark, write_answer, write_remark

REMARK = "--"
NO_ACTION = "{no action}"

_SHOWN = 120  # characters of a long line that an error message shows


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a text that cannot be read: where, what was expected, and the line itself.

    `line` and `column` count from 1; the column counts characters. Where there is no such place,
    both are 0. `code` is stable.
    """

    line: int
    column: int
    code: str
    message: str
    text: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return f"line {self.line}, column {self.column}: {self.message}\n{self.excerpt}"

    @property
    def excerpt(self) -> str:
        """The line, and under it a caret at the column."""
        start = max(0, min(self.column - 1 - _SHOWN // 2, len(self.text) - _SHOWN))
        shown = self.text[start : start + _SHOWN]
        before = shown[: self.column - 1 - start]
        padding = "".join("\t" if character == "\t" else " " for character in before)
        return f"    {shown}\n    {padding}^"


class NotationError(ValueError):
    """A text could not be read; `mistakes` holds every reason, in the order of the text."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Note:
    """A remark or a question at a transition (`key`), at a `state`, or on the machine as a whole.

    In a text it belongs to the transition that it follows, which may be wrong (in the seed, the one
    on line 71 is about `Ingesting`): staff can move it. Only a question has a ticket, an owner and
    an answer; `answered_at` is a time as `questions.when` writes it. `line` and
    `answer_line` are where it was read.
    """

    text: str
    key: Key | None = None
    line: int = field(default=0, compare=False)
    state: str = ""
    is_question: bool = False
    ticket: str = ""
    owner: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_at: str = ""
    answer_line: int = field(default=0, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether it is a question without an answer."""
        return self.is_question and not self.answer

    @property
    def lines(self) -> tuple[str, ...]:
        """What is written after `--`: one line, and a second one for the answer."""
        own = Remark(self.text, self.state, self.is_question, self.ticket, self.owner)
        if not self.answer:
            return (write_remark(own),)
        answer = Answer(self.answer, self.answered_by, self.answered_at)
        return write_remark(own), write_answer(answer)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: transitions with their lines, notes, and every mistake."""

    transitions: tuple[Transition, ...]
    lines: dict[Key, int]
    notes: tuple[Note, ...]
    mistakes: tuple[Mistake, ...]


def parse(text: str) -> Machine:
    """Read the machine that `text` writes down; remarks are passed over.

    Raises NotationError with every mistake in it.
    """
    reading = read(text)
    if reading.mistakes:
        raise NotationError(reading.mistakes)
    return Machine(reading.transitions)


def read(text: str) -> Reading:
    """Read as much of `text` as can be read, with every mistake and every remark."""
    reader = Reader()
    for number, line in enumerate(lines_of(text), start=1):
        stripped = line.strip()
        if stripped.startswith(REMARK):
            reader.note(stripped[len(REMARK) :].strip(), number, line)
        elif stripped:
            reader.transition(line, number)
    return reader.reading()


class Reader:
    """Collects the lines of one machine. `page` feeds it too, line by line."""

    def __init__(self) -> None:
        self._transitions: dict[Key, Transition] = {}
        self._lines: dict[Key, int] = {}
        self._notes: list[Note] = []
        self._mistakes: list[Mistake] = []
        self._last: Key | None = None
        self._is_after_note = False

    def transition(self, line: str, number: int) -> None:
        self._is_after_note = False
        transition, mistakes = read_transition(line, number)
        self._mistakes += mistakes
        # A remark after a line that could not be read must not slide to the one before it.
        self._last = transition.key if transition else None
        if transition is None:
            return
        if transition.key in self._lines:
            self._mistakes.append(
                Mistake(
                    number,
                    len(line) - len(line.lstrip()) + 1,
                    "duplicate-key",
                    f"{transition.key} stands on line {self._lines[transition.key]} already; "
                    "expected each source and event once in a machine",
                    line,
                )
            )
            return
        self._transitions[transition.key] = transition
        self._lines[transition.key] = number

    @property
    def has_transitions(self) -> bool:
        return bool(self._transitions)

    def note(self, text: str, number: int, line: str, *, on_machine: bool = False) -> None:
        """Add a note at the transition that was read last, or on the machine as a whole.

        `line` is where `text` stands in. An empty text says nothing.
        """
        if not text:
            return
        if (problem := note_problem(text)) is None:
            self._add_note(text, number, on_machine)
        else:
            column = next(i for i, character in enumerate(line, 1) if _cannot_be_noted(character))
            message = f"this remark {problem}; remove it"
            self._mistakes.append(Mistake(number, column, "bad-character", message, line))

    def _add_note(self, text: str, number: int, on_machine: bool) -> None:
        answer = read_answer(text)
        asked = self._notes[-1] if self._notes and self._is_after_note else None
        if answer and asked and asked.is_open:
            self._notes[-1] = replace(
                asked,
                answer=answer.text,
                answered_by=answer.by,
                answered_at=answer.at,
                answer_line=number,
            )
            return
        said = read_remark(text)
        key = None if on_machine or said.state else self._last
        self._notes.append(
            Note(said.text, key, number, said.state, said.is_question, said.ticket, said.owner)
        )
        self._is_after_note = True

    def reading(self) -> Reading:
        return Reading(
            tuple(self._transitions.values()),
            self._lines,
            tuple(self._notes),
            tuple(self._mistakes),
        )


def note_problem(text: str) -> str | None:
    """Say why `text` cannot be a note's, or return None. A note is one line of any text."""
    if not text.strip():
        return "is empty"
    for character in text:
        if _cannot_be_noted(character):
            return f"has the unusable character U+{ord(character):04X}"
    return None


def _cannot_be_noted(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character != "\t"


def lines_of(text: str) -> list[str]:
    """Split at LF and CRLF only, without a byte order mark.

    `str.splitlines` would also split at U+2028, form feed and others, so that a remark could carry
    a transition and line numbers would differ from what editors show.
    """
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]


def read_transition(line: str, number: int = 1) -> tuple[Transition | None, list[Mistake]]:
    """Read one line as a transition: the transition or None, and every mistake in the line."""
    scanner = _Scanner(line, number)
    try:
        source = scanner.bracketed("[", "the source state")
        scanner.symbol("-", "between the source state and the event")
        event = scanner.bracketed("<", "the event")
        actions = scanner.actions(until="->")
        scanner.symbol("->", "before the target state")
        target = scanner.bracketed("[", "the target state")
        scanner.end()
    except _StopReadingError:
        return None, scanner.mistakes
    if scanner.mistakes:
        return None, scanner.mistakes
    return Transition(source, event, actions, target), []


def read_actions(text: str) -> tuple[Action, ...]:
    """Read `{SendMessage execution_complete} {QaPass}`; nothing and `{no action}` are no actions.

    Raises NotationError.
    """
    scanner = _Scanner(text, 1)
    actions: tuple[Action, ...] = ()
    try:
        actions = scanner.actions(until="")
        scanner.end()
    except _StopReadingError:
        pass
    if scanner.mistakes:
        raise NotationError(scanner.mistakes)
    return actions


def render(machine: Machine) -> str:
    """Write `machine` down, a line a transition, each ended by LF; `parse` gives it back."""
    return "".join(f"{render_transition(transition)}\n" for transition in machine)


def render_with_notes(
    machine: Machine, notes: Iterable[Note], *, escaped: Callable[[str], str] = str
) -> str:
    """Write `machine` down as `render` does, each note as a remark after its transition.

    Notes on the whole machine, at a state, or at a transition that is gone, come first. `escaped`
    is done to each line of a note.
    """
    at: dict[Key | None, str] = {}
    for note in notes:
        key = note.key if note.key in machine.by_key else None
        written = "".join(f"{REMARK} {escaped(line)}\n" for line in note.lines)
        at[key] = f"{at.get(key, '')}{written}"
    lines = (f"{render_transition(each)}\n{at.get(each.key, '')}" for each in machine)
    return at.get(None, "") + "".join(lines)


def render_transition(transition: Transition) -> str:
    head, actions, target = render_parts(transition)
    return f"{head} {' '.join(actions)} -> {target}"


def render_parts(transition: Transition) -> tuple[str, tuple[str, ...], str]:
    """What a written transition is made of: source and event, the actions or none, the target."""
    head = f"{bracketed('[', transition.source)} - {bracketed('<', transition.event)}"
    actions = tuple(map(render_action, transition.actions)) or (NO_ACTION,)
    return head, actions, bracketed("[", transition.target)


def render_actions(actions: Iterable[Action]) -> str:
    """Write actions in their order, `{no action}` when there are none."""
    return " ".join(render_action(action) for action in actions) or NO_ACTION


def render_action(action: Action) -> str:
    return bracketed("{", f"{action.name} {action.argument}".rstrip(" "))


class _StopReadingError(Exception):
    """The rest of the line cannot be read; the mistake has been noted."""


class _Scanner:
    """One pass through one line; notes mistakes instead of stopping at the first that it can."""

    def __init__(self, line: str, number: int) -> None:
        self.line = line
        self.number = number
        self.position = 0
        self.mistakes: list[Mistake] = []

    def note(self, code: str, message: str, position: int | None = None) -> None:
        column = (self.position if position is None else position) + 1
        self.mistakes.append(Mistake(self.number, column, code, message, self.line))

    def stop(self, code: str, message: str, position: int | None = None) -> _StopReadingError:
        self.note(code, message, position)
        return _StopReadingError()

    def skip_space(self) -> None:
        while self.position < len(self.line) and self.line[self.position].isspace():
            self.position += 1

    def found(self) -> str:
        """What stands here, in words for an error message."""
        if self.position >= len(self.line):
            return "the line ends"
        return f"found “{self.line[self.position]}”"

    def symbol(self, symbol: str, where: str) -> None:
        self.skip_space()
        if not self.line.startswith(symbol, self.position):
            raise self.stop("expected", f"expected “{symbol}” {where}, {self.found()}")
        self.position += len(symbol)

    def bracketed(self, opening: str, what: str) -> str:
        """Read a bracket and return the name in it, without its escapes and outer white space."""
        self.symbol(opening, f"before {what}")
        start = self.position
        name = self.name_until_closed(opening, what)
        if problem := name_problem(name):
            self.note("bad-name", f"{what} {problem}; expected a name", start)
        return name

    def name_until_closed(self, opening: str, what: str) -> str:
        closing, inside = BRACKETS[opening]
        start = self.position - 1
        characters: list[str] = []
        while self.position < len(self.line):
            character = self.line[self.position]
            if character == closing:
                self.position += 1
                return "".join(characters).strip()
            following = self.line[self.position + 1 : self.position + 2]
            if character == "\\" and following and following in ESCAPED:
                self.position += 1
                character = following
            elif character in inside:
                raise self.stop(
                    "unclosed",
                    f"expected “{closing}” after {what}, {self.found()} "
                    f"(write “\\{character}” if it belongs to the name)",
                )
            characters.append(character)
            self.position += 1
        raise self.stop(
            "unclosed", f"expected “{closing}” to close {what}, the line ends", position=start
        )

    def actions(self, until: str) -> tuple[Action, ...]:
        """Read actions up to `until` (not read itself), or to the line's end when it is empty."""
        actions: list[Action] = []
        nothing_at: int | None = None
        while True:
            self.skip_space()
            if self.position >= len(self.line) or (
                until and self.line.startswith(until, self.position)
            ):
                break
            start = self.position
            if self.line[start] != "{":
                expected = f"“{{” before an action or “{until}”" if until else "“{”"
                raise self.stop("expected", f"expected {expected}, {self.found()}")
            self.position += 1
            content = self.name_until_closed("{", "the action")
            if content.lower().split() == ["no", "action"]:
                nothing_at = start
            elif (action := self.action(content, start)) is not None:
                actions.append(action)
        if nothing_at is not None and actions:
            self.note(
                "no-action-mixed",
                f"{NO_ACTION} means that nothing is done; expected it alone, "
                "or the actions without it",
                nothing_at,
            )
        if len(actions) > ACTIONS_LIMIT:
            self.note(
                "too-many-actions",
                f"expected at most {ACTIONS_LIMIT} actions, found {len(actions)}",
                0,
            )
        return tuple(actions)

    def action(self, content: str, position: int) -> Action | None:
        name, *argument = content.split(maxsplit=1) or [""]
        try:
            return Action(name, *argument)
        except ValueError as error:
            self.note(
                "bad-action",
                f"{error}; expected “{{Name argument}}”, “{{Name}}” or “{NO_ACTION}”",
                position,
            )
            return None

    def end(self) -> None:
        self.skip_space()
        if self.position < len(self.line):
            raise self.stop(
                "trailing-text",
                f"expected the end of the line, {self.found()} "
                f"(a remark stands on a line of its own that begins with “{REMARK}”)",
            )
