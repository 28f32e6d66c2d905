"""The survey of all capabilities as a file: for a spreadsheet, a merge request, a script."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..machines.deviations import Standing, State
from ..machines.formats.mermaid import mermaid
from ..machines.machine import Key
from ..machines.narrowing import Narrowing
from ..machines.notation import render_transition
from ..machines.plain import difference_as_plain, plain_as_json, standing_as_plain
from ..machines.sentences import CALLED, difference_sentences, verdict
from ..machines.survey import Side, Surveyed, everywhere, told, totals
from .csv_cells import guarded
from .markdown import escaped

COLUMNS = (
    "capability",
    "about",
    "machine",
    "kind",
    "check",
    "source",
    "event",
    "current",
    "ideal",
    "text",
    "probably meant",
    "machine template",
    "decision",
    "ticket",
    "owner",
    "until",
)
"""The columns of the CSV. `kind` is that of the difference, or how grave the finding is."""


@dataclass(frozen=True)
class Format:
    """One format of the survey: how it is written, and what its file is."""

    suffix: str
    content_type: str
    write: Callable[[Sequence[Surveyed], Narrowing], str]


# -- CSV


def as_csv(surveyed: Sequence[Surveyed], _: Narrowing) -> str:
    """A line for each difference and each finding, and one for a capability without any.

    It begins with a byte order mark, without which spreadsheets take it for another encoding.
    """
    out = io.StringIO()
    out.write("\ufeff")
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for each in surveyed:
        lines.writerows([guarded(cell) for cell in row] for row in _rows(each))
    return out.getvalue()


def _rows(each: Surveyed) -> Iterator[tuple[str, ...]]:
    for difference in each.differences:
        yield (
            each.name,
            "difference",
            "current to ideal",
            str(difference.kind),
            "",
            *difference.key,
            render_transition(difference.old) if difference.old else "",
            render_transition(difference.new) if difference.new else "",
            " ".join(difference_sentences(difference)),
            "",
            each.current.template,
            *_decision(each, difference.key),
        )
    for kind, question in each.questions:
        yield (
            each.name,
            "question",
            kind,
            "open",
            "",
            *(question.key or (question.state, "")),
            "",
            "",
            question.text,
            "",
            "",
            "",
            question.ticket,
            question.owner,
            "",
        )
    for side, finding in each.findings:
        key = finding.key or ("", "")
        yield (
            each.name,
            "finding",
            side.kind,
            str(finding.severity),
            finding.code,
            *key,
            *_lines(side, finding.key),
            finding.message,
            finding.suggestion,
            side.template,
            *_NOT_DECIDED,
        )
    if not (each.differences or each.questions or each.findings):
        yield (each.name, "nothing", *[""] * 9, each.current.template, *_NOT_DECIDED)


_NOT_DECIDED = ("", "", "", "")


def _decision(each: Surveyed, key: Key) -> tuple[str, ...]:
    """The last columns of a difference: how it stands, and by which decision."""
    standing = each.standing_of.get(key)
    if standing is None:
        return _NOT_DECIDED
    decision = standing.decision
    told = (decision.ticket, decision.owner, decision.until) if decision else ("", "", "")
    return (str(standing.state), *told)


def _lines(side: Side, key: object) -> tuple[str, str]:
    """The transition that a finding is about, in the column of its machine."""
    transition = next((t for t in side.machine if t.key == key), None)
    line = render_transition(transition) if transition else ""
    return (line, "") if side.kind == "current" else ("", line)


# -- Markdown


_TABLE = (
    *("Capability", "Machine template", "Current to ideal", "Decisions"),
    *("Findings", "Questions", "Notes"),
)


def as_markdown(surveyed: Sequence[Surveyed], narrowing: Narrowing) -> str:
    """The totals, a table, and each capability that differs with its diagram."""
    lines = ["# Audit of the state machines", "", escaped(told(totals(surveyed)))]
    for finding in everywhere(surveyed):
        lines += ["", escaped(f"On every machine: {finding.message}")]
    if narrowing.asked:
        asked = ", ".join(f"{name} is “{value}”" for name, value in narrowing.asked.items())
        lines += ["", escaped(f"Only the capabilities for which {asked}.")]
    lines += [
        "",
        f"| {' | '.join(_TABLE)} |",
        "|---" * len(_TABLE) + "|",
        *map(_table_line, surveyed),
    ]
    for each in surveyed:
        if each.differences or each.told:
            lines += _section(each)
    return "\n".join(lines) + "\n"


def _table_line(each: Surveyed) -> str:
    templates = dict.fromkeys(side.template or "none" for side in each.sides)
    groups = [f"{group.severity}: {group.code} ({len(group.findings)})" for group in each.groups]
    number = len(each.differences)
    differs = f"{number} difference{'' if number == 1 else 's'}" if number else "the same"
    cells = (
        each.name,
        " / ".join(templates),
        differs,
        ", ".join(f"{decided.number} {decided.state}" for decided in each.decided),
        ", ".join(groups),
        f"{len(each.questions)} open" if each.questions else "",
        str(each.notes or ""),
    )
    return f"| {' | '.join(map(escaped, cells))} |"


def _section(each: Surveyed) -> list[str]:
    lines = ["", f"## {escaped(each.name)}"]
    if each.differences:
        lines += ["", escaped(verdict_of(each)), ""]
        lines += [
            f"- {escaped(difference.sign)} {escaped(sentence)}"
            for difference in each.differences
            for sentence in difference_sentences(difference)
        ]
    if each.effects:
        lines += ["", "What will be done differently:", ""]
        lines += [f"- {escaped(sentence)}" for sentence in each.effects]
    decided = [line for standing in each.standings if (line := _decided(standing))]
    if decided:
        lines += ["", "Decided:", "", *decided]
    lines += ["", *(f"- {escaped(sentence)}" for sentence in each.told)]
    lines += [
        f"- {escaped(f'{finding.severity}, {side.kind}: {finding.message}')}"
        for side, finding in each.findings
    ]
    lines += [
        f"- {escaped(f'open question, {kind}: {note.text}')}" for kind, note in each.questions
    ]
    if each.differences and each.ideal:
        lines += ["", "```mermaid", f"{mermaid(each.ideal.machine, each.differences)}```"]
    return lines


def _decided(standing: Standing) -> str:
    """A line on what is decided about one difference; "" where nothing is."""
    if standing.state is State.UNEXPLAINED or not (decision := standing.decision):
        return ""
    facts = (decision.ticket, decision.owner, decision.reason, decision.question)
    until = f"until {decision.until}" if decision.until else ""
    told = ", ".join(each for each in (str(standing.state), *facts, until) if each)
    return f"- {escaped(f'{standing.key}: {told}')}"


def verdict_of(each: Surveyed) -> str:
    """One sentence on a capability's differences."""
    return verdict(each.differences, **CALLED)


# -- JSON


def as_json(surveyed: Sequence[Surveyed], narrowing: Narrowing) -> str:
    """One object: what was asked for, the totals, and every capability."""
    value = {
        "narrowed": narrowing.asked,
        "totals": told(totals(surveyed)),
        "capabilities": [_as_plain(each) for each in surveyed],
    }
    return plain_as_json(value)


def _as_plain(each: Surveyed) -> dict[str, object]:
    return {
        "name": each.name,
        "has_ideal": each.ideal is not None,
        "verdict": verdict_of(each),
        "departs": each.told,
        "differences": [
            {
                **difference_as_plain(one),
                "deviation": standing_as_plain(each.standing_of.get(one.key)),
            }
            for one in each.differences
        ],
        "effects": list(each.effects),
        "findings": [
            {
                "code": finding.code,
                "severity": str(finding.severity),
                "kind": side.kind,
                "source": finding.key.source if finding.key else None,
                "event": finding.key.event if finding.key else None,
                "message": finding.message,
                "suggestion": finding.suggestion,
            }
            for side, finding in each.findings
        ],
        "questions": [
            {
                "kind": kind,
                "source": note.key.source if note.key else note.state or None,
                "event": note.key.event if note.key else None,
                "text": note.text,
                "ticket": note.ticket,
                "owner": note.owner,
            }
            for kind, note in each.questions
        ],
        "notes": each.notes,
    }


FORMATS = {
    "csv": Format("csv", "text/csv", as_csv),
    "markdown": Format("md", "text/markdown", as_markdown),
    "json": Format("json", "application/json", as_json),
}


def is_fine(surveyed: Iterable[Surveyed]) -> bool:
    """Whether no machine differs from its ideal and no check found an error."""
    return not any(
        each.differences or any(finding.severity == "error" for _, finding in each.findings)
        for each in surveyed
    )
