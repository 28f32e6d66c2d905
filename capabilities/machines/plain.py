"""Machines, differences and findings as plain dictionaries for JSON. Scripts rely on the keys."""

import json
from collections.abc import Iterable
from typing import Any

from .checks import Finding, check
from .deviations import Standing
from .diff import Difference
from .effects import ActionEffect, Effect, EndEffect, OrderEffect
from .machine import Action, Key, Machine, Transition, parameters
from .notation import Note
from .page import Page, PageMachine, PageTemplate
from .sentences import difference_sentences, effect_sentence
from .vocabulary import Vocabulary

Plain = dict[str, Any]


def plain_as_json(value: object) -> str:
    """Plain values as JSON that people can read, with a line end behind it."""
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


def transition_as_plain(transition: Transition, line: int | None = None) -> Plain:
    """A transition; `argument` is "" for an action without one, `line` None if it is nowhere."""
    return {
        "source": transition.source,
        "event": transition.event,
        "actions": _actions(transition.actions),
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
                "old": _action(each.old) if each.old else None,
                "new": _action(each.new) if each.new else None,
            }
            for each in difference.actions
        ],
        "retargeted": difference.retargeted,
        "moved": difference.moved,
        "sentences": difference_sentences(difference),
    }


def effect_as_plain(effect: Effect, *, old: str, new: str) -> Plain:
    """One effect, in English and by the events of each run that shows it; the shortest first.

    `old` and `new` are what the machines are called. `kind` is one of `EffectKind`, "other order"
    or "other end".
    """
    match effect:
        case ActionEffect(kind, actions, always=always):
            told = {"kind": str(kind), "actions": _actions(actions), "always": always}
        case OrderEffect(first, second):
            told = {"kind": "other order", "actions": _actions((first, second))}
        case EndEffect(was, now):
            told = {"kind": "other end", "old": was, "new": now}
    sentence = effect_sentence(effect, old=old, new=new)
    return {**told, "sentence": sentence, "runs": [list(way.events) for way in effect.ways]}


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


def _actions(actions: Iterable[Action]) -> list[Plain]:
    return [_action(action) for action in actions]


def _action(action: Action) -> Plain:
    return {"name": action.name, "argument": action.argument}


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
    return [
        {
            "text": note.text,
            "line": note.line or None,
            "state": note.state,
            "question": note.is_question,
            "ticket": note.ticket,
            "owner": note.owner,
            "answer": note.answer,
            "answered_by": note.answered_by,
            "answered_at": note.answered_at,
            "answer_line": note.answer_line or None,
        }
        for note in notes
    ]
