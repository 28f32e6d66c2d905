"""What a single line of a page looks like, whatever stands around it."""

import re

from ..notation import REMARK
from .values import CURRENT, IDEAL, KINDS

NO_TRANSITIONS = "no transitions"
# Words that a remark of one of these texts would mean; a backslash keeps it a remark.
MEANT = re.compile(rf"\\*({CURRENT}|{IDEAL}|{NO_TRANSITIONS}):?\Z", re.IGNORECASE)

MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*)\Z")
NUMBERED = re.compile(r"\d{1,9}[.)]\s+(?P<text>.*)\Z")
BULLET = re.compile(r"\A[•*+]\s+|\A-\s+(?!<)")
FENCE = re.compile(r"(```|~~~)\w*\Z")
PICTURE = "```mermaid"
RULE = re.compile(r"([-=*_])\1{2,}\Z")
# What GitLab puts around the page: it is nobody's note.
AROUND = re.compile(r"(Skip to content|Edited by .*|Merge request reports)\Z")
_MARKS = ("[", "]", "<", ">", "{", "}", "->")
_TITLE_WORDS = 8


def looks_like_transition(text: str) -> bool:
    """Whether a line is meant as a transition, be it a wrong one."""
    return text.startswith("[") or sum(mark in text for mark in _MARKS) >= 4


def remark_of(text: str) -> str | None:
    """The text of a remark, or None when the line is none."""
    if not text.startswith(REMARK) or RULE.match(text):
        return None
    return text.removeprefix(REMARK).strip()


def kind_of(text: str) -> str | None:
    """The kind that a line opens: `-- Current`, `### Ideal`."""
    heading = MARKDOWN_HEADING.match(text)
    word = heading["text"] if heading else remark_of(text)
    word = (word or "").strip().removesuffix(":").lower()
    return word if word in KINDS else None


def is_escaped(remark: str) -> bool:
    """Whether a backslash keeps a remark from meaning what it says."""
    return remark.startswith("\\") and MEANT.match(remark) is not None


def is_title(text: str) -> bool:
    """Whether a line reads like a heading: few words, and no full stop."""
    return len(text.split()) <= _TITLE_WORDS and text[-1] not in ".:;,!?"


def without_asides(title: str) -> tuple[str, str]:
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
