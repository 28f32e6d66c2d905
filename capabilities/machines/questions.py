"""What a remark says of itself: that it is a question, at which state, whose, with which answer.

A remark asks when a word in it ends with a question mark, or when it says that something has to be
figured out; an issue key in it, `WS-799`, is its ticket. Where the text alone does not say what the
note is, words before it do:

    -- Question: Ask the operators about it.
    -- Question (WS-801, owner ada): Ask the operators about it.
    -- Remark: Why not? Because nobody asked.
    -- At [Ingesting]: What happens here?
    -- At [Ingesting]: Question (no ticket, owner ada): Like WS-799.
    -- Answer (ada, 2026-11-24 14:08 UTC): They do not use it.

An answer belongs to the question on the line above it. A backslash in parentheses makes one of
`\\ ( ) ,` a part of the name. Parentheses that say anything else are the remark's own text.
"""

import re
from dataclasses import dataclass

from .brackets import ESCAPED, bracketed
from .machine import name_problem

_ASKS = re.compile(r"(?<=[^\s?])\?+(?!\w)|\bfigure out\b|\bbe figured out\b", re.IGNORECASE)
TICKET_LENGTH, PERSON_LENGTH = 50, 150

_KEY = r"(?!(?:UTF|ISO|SHA|RFC)-)[A-Z][A-Z0-9]{1,19}-[0-9]{1,9}"
_TICKET = re.compile(rf"(?<![\w-]){_KEY}(?![\w-])")

_DETAILS = r"(?:\s*\((?P<details>(?:\\[\\(),]|[^()])*+)\))?"
_PREFIX = re.compile(rf"(?:question{_DETAILS}|(?P<remark>remark))\s*:\s*(?=\S)", re.IGNORECASE)
_ANSWER = re.compile(rf"answer{_DETAILS}\s*:\s*(?=\S)", re.IGNORECASE)
_AT = re.compile(
    rf"at\s+\[(?P<state>(?:\\[{re.escape(ESCAPED)}]|[^\[\]])++)\]\s*:\s*(?=\S)", re.IGNORECASE
)
_PART = re.compile(r"(?:\\[\\(),]|[^,])+")
_WHEN = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?: (?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?) UTC)?",
    re.ASCII,
)


def asks(text: str) -> bool:
    """Whether a remark is a question by its text alone."""
    return _ASKS.search(text) is not None


def ticket_in(text: str) -> str:
    """The first issue key in a text, or ""."""
    found = _TICKET.search(text)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark without its place among the transitions: what stands in one line after `--`."""

    text: str
    state: str = ""
    is_question: bool = False
    ticket: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question above it; `at` is a time in UTC, as `when` writes it."""

    text: str
    by: str = ""
    at: str = ""


def read_remark(line: str) -> Remark:
    """What a remark says, `line` being what stands after `--`."""
    state, rest = "", line
    if at := _AT.match(line):
        state = re.sub(rf"\\([{re.escape(ESCAPED)}])", r"\1", at["state"]).strip()
        if name_problem(state) is None:
            rest = line[at.end() :]
        else:
            state = ""
    found = _PREFIX.match(rest)
    if found is None:
        return _plain(rest, state)
    text = rest[found.end() :]
    if found["remark"]:
        return Remark(text, state)
    details = _question_details(found["details"])
    if details is None:
        return _plain(rest, state)
    ticket, owner = details
    return Remark(text, state, True, ticket_in(text) if ticket is None else ticket, owner)


def _plain(text: str, state: str) -> Remark:
    is_question = asks(text)
    return Remark(text, state, is_question, ticket_in(text) if is_question else "")


def write_remark(remark: Remark) -> str:
    """The shortest line that `read_remark` makes this remark of, and that is no answer."""
    at = f"At {bracketed('[', remark.state)}: " if remark.state else ""
    bare = f"{at}{remark.text}"
    if read_remark(bare) == remark and read_answer(bare) is None:
        return bare
    if not remark.is_question:
        return f"{at}Remark: {remark.text}"
    parts = []
    if remark.ticket != ticket_in(remark.text):
        parts.append(_written_ticket(remark.ticket))
    if remark.owner:
        parts.append(f"owner {_escaped(remark.owner)}")
    return f"{at}Question{_in_parentheses(parts)}: {remark.text}"


def _written_ticket(ticket: str) -> str:
    if not ticket:
        return "no ticket"
    return ticket if re.fullmatch(_KEY, ticket) else f"ticket {_escaped(ticket)}"


def _question_details(details: str | None) -> tuple[str | None, str] | None:
    """Ticket and owner; the ticket is None where the text says it. None if it says neither."""
    if details is None:
        return None, ""
    tickets: list[str] = []
    owners: list[str] = []
    for part in _parts(details):
        word, _, rest = part.partition(" ")
        if part.lower() == "no ticket":
            tickets.append("")
        elif re.fullmatch(_KEY, part):
            tickets.append(part)
        elif word.lower() == "ticket" and rest.strip():
            tickets.append(_unescaped(rest.strip()))
        elif word.lower() == "owner" and rest.strip():
            owners.append(_unescaped(rest.strip()))
        else:
            return None
    if not (tickets or owners) or len(tickets) > 1 or len(owners) > 1:
        return None
    ticket, owner = (tickets[0] if tickets else None), "".join(owners)
    return (
        None if len(ticket or "") > TICKET_LENGTH or len(owner) > PERSON_LENGTH else (ticket, owner)
    )


def read_answer(line: str) -> Answer | None:
    """The answer that a remark is, `line` being what stands after `--`; None if it is none."""
    found = _ANSWER.match(line)
    if found is None:
        return None
    by, at = "", ""
    parts = list(_parts(found["details"])) if found["details"] is not None else []
    if found["details"] is not None and not 1 <= len(parts) <= 2:
        return None
    if parts and (at := when(parts[-1]) or ""):
        parts.pop()
    if len(parts) > 1:
        return None
    for part in parts:
        word, _, rest = part.partition(" ")
        named = word.lower() == "by" and rest.strip()
        if not named and not at:  # “(for now)” names nobody
            return None
        by = _unescaped(named or part)
    if len(by) > PERSON_LENGTH:
        return None
    return Answer(line[found.end() :], by, at)


def write_answer(answer: Answer) -> str:
    """The line that `read_answer` makes this answer of."""
    by = _escaped(answer.by)
    if by and (not answer.at or when(by) or by.lower().startswith("by ")):
        by = f"by {by}"
    return f"Answer{_in_parentheses([part for part in (by, answer.at) if part])}: {answer.text}"


def when(text: str) -> str | None:
    """A time in UTC as it is written here, or None when it is none.

    `2026-11-24`, `2026-11-24 14:08 UTC` or `2026-11-24 14:08:31 UTC`: no shorter one is the same.
    """
    found = _WHEN.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (year and 1 <= month <= 12 and 1 <= day <= days[month - 1]):
        return None
    hour, minute, second = [*map(int, (found["time"] or "0:0").split(":")), 0][:3]
    if hour > 23 or minute > 59 or second > 59:
        return None
    date = f"{year:04}-{month:02}-{day:02}"
    if not (hour or minute or second):
        return date
    seconds = f":{second:02}" if second else ""
    return f"{date} {hour:02}:{minute:02}{seconds} UTC"


def _in_parentheses(parts: list[str]) -> str:
    return f" ({', '.join(parts)})" if parts else ""


def _parts(details: str) -> list[str]:
    return [stripped for part in _PART.findall(details) if (stripped := part.strip())]


def _escaped(name: str) -> str:
    return re.sub(r"([\\(),])", r"\\\1", name)


def _unescaped(name: str) -> str:
    return re.sub(r"\\([\\(),])", r"\1", name)
