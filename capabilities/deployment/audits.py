"""The survey of all capabilities as a file: for a spreadsheet, a merge request, a script."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..machines.formats.mermaid import mermaid
from ..machines.narrowing import Narrowing
from ..machines.notation import render_transition
from ..machines.plain import difference_as_plain
from ..machines.sentences import difference_sentences, verdict
from ..machines.survey import Side, Surveyed, everywhere, told, totals

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
)
"""The columns of the CSV. `kind` is that of the difference, or how grave the finding is."""

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|&~!@$%]|:(?=[\w+-]+:)|^[+-]")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


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


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


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
        )
    if not (each.differences or each.findings):
        yield (each.name, "nothing", *[""] * 9, each.current.template)


def _lines(side: Side, key: object) -> tuple[str, str]:
    """The transition that a finding is about, in the column of its machine."""
    transition = next((t for t in side.machine if t.key == key), None)
    line = render_transition(transition) if transition else ""
    return (line, "") if side.kind == "current" else ("", line)


# -- Markdown


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
        "| Capability | Machine template | Current to ideal | Findings | Notes |",
        "|---|---|---|---|---|",
    ]
    lines += [_table_line(each) for each in surveyed]
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
        ", ".join(groups),
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
    lines += ["", *(f"- {escaped(sentence)}" for sentence in each.told)]
    lines += [
        f"- {escaped(f'{finding.severity}, {side.kind}: {finding.message}')}"
        for side, finding in each.findings
    ]
    if each.differences and each.ideal:
        lines += ["", "```mermaid", f"{mermaid(each.ideal.machine, each.differences)}```"]
    return lines


def verdict_of(each: Surveyed) -> str:
    """One sentence on a capability's differences."""
    return verdict(each.differences, old="The current machine", new="The ideal machine")


def escaped(text: str) -> str:
    """A text as Markdown shows it: no HTML, links or cells, nothing that GitLab would expand."""
    return _SPECIAL.sub(r"\\\g<0>", text)


# -- JSON


def as_json(surveyed: Sequence[Surveyed], narrowing: Narrowing) -> str:
    """One object: what was asked for, the totals, and every capability."""
    value = {
        "narrowed": narrowing.asked,
        "totals": told(totals(surveyed)),
        "capabilities": [_as_plain(each) for each in surveyed],
    }
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


def _as_plain(each: Surveyed) -> dict[str, object]:
    return {
        "name": each.name,
        "has_ideal": each.ideal is not None,
        "verdict": verdict_of(each),
        "departs": each.told,
        "differences": [difference_as_plain(one) for one in each.differences],
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
