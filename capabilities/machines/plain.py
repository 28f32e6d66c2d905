"""Machines, differences and findings as plain dictionaries for JSON. Scripts rely on the keys."""

from collections.abc import Iterable
from typing import Any

from .checks import Finding, check
from .deviations import Standing
from .diff import Difference
from .machine import Key, Machine, Transition, parameters
from .notation import Note
from .page import Page, PageMachine, PageTemplate
from .sentences import difference_sentences
from .vocabulary import Vocabulary

Plain = dict[str, Any]


def transition_as_plain(transition: Transition, line: int | None = None) -> Plain:
    """A transition; `argument` is "" for an action without one, `line` None if it is nowhere."""
    return {
        "source": transition.source,
        "event": transition.event,
        "actions": [
            {"name": action.name, "argument": action.argument} for action in transition.actions
        ],
        "target": transition.target,
        "line": line,
    }


def machine_as_plain(machine: Machine, lines: dict[Key, int] | None = None) -> list[Plain]:
    """The transitions of a machine, with their lines where these are known."""
    return [transition_as_plain(each, (lines or {}).get(each.key)) for each in machine]


def difference_as_plain(difference: Difference) -> Plain:
    """One difference: both transitions whole, each action's fate, and all of it in English."""
    return {
        "source": difference.key.source,
        "event": difference.key.event,
        "kind": str(difference.kind),
        "old": transition_as_plain(difference.old) if difference.old else None,
        "new": transition_as_plain(difference.new) if difference.new else None,
        "actions": [
            {
                "kind": str(each.kind),
                "old": {"name": each.old.name, "argument": each.old.argument} if each.old else None,
                "new": {"name": each.new.name, "argument": each.new.argument} if each.new else None,
            }
            for each in difference.actions
        ],
        "retargeted": difference.retargeted,
        "moved": difference.moved,
        "sentences": difference_sentences(difference),
    }


def standing_as_plain(standing: Standing | None) -> Plain | None:
    """How a difference stands; None where nothing can be decided. What was not said is ""."""
    if standing is None:
        return None
    decision = standing.decision
    words = ("owner", "ticket", "until", "question", "reason", "at", "by")
    return {
        "state": str(standing.state),
        "decided": str(decision.says) if decision else "",
        **{word: getattr(decision, word) if decision else "" for word in words},
    }


PageFinding = tuple[PageMachine, Finding]


def findings_of(page: Page, vocabulary: Vocabulary) -> list[PageFinding]:
    """Check every machine of a page that has transitions of its own."""
    return [
        (item, finding)
        for item in page.machines
        if item.machine is not None
        for finding in check(item.machine, capability=item.capability, vocabulary=vocabulary)
    ]


def page_as_plain(page: Page, findings: Iterable[PageFinding]) -> Plain:
    """All that a page says: the object that `check_machines --json` prints.

    `headings` are the lines that name a machine, so that each line of the page is accounted for.
    """
    return {
        "machines": [
            {
                "capability": item.capability,
                "kind": item.kind,
                "same_as": None if item.machine is not None else "current",
                "line": item.line or None,
                "headings": list(item.headings),
                "transitions": machine_as_plain(item.machine or Machine(), item.lines),
                "notes": _notes(item.notes),
            }
            for item in page.machines
        ],
        "templates": [_template(item) for item in page.templates],
        "errors": [
            {
                "line": mistake.line,
                "column": mistake.column,
                "code": mistake.code,
                "message": mistake.message,
            }
            for mistake in page.mistakes
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": str(finding.severity),
                "capability": item.capability,
                "kind": item.kind,
                "line": item.lines.get(finding.key) if finding.key else item.line or None,
                "message": finding.message,
                "suggestion": finding.suggestion,
            }
            for item, finding in findings
        ],
        "ignored": [{"line": each.line, "text": each.text} for each in page.ignored],
    }


def _template(item: PageTemplate) -> Plain:
    return {
        "title": item.title,
        "parameters": list(parameters(item.machine)),
        "line": item.line or None,
        "headings": list(item.headings),
        "transitions": machine_as_plain(item.machine, item.lines),
        "notes": _notes(item.notes),
    }


def _notes(notes: Iterable[Note]) -> list[Plain]:
    return [{"text": note.text, "line": note.line or None} for note in notes]
