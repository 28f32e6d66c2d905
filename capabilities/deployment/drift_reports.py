"""A dump against what should be deployed: the comparison, and its report as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..machines.drift import Drift, TypedMachine, drifts, named
from ..machines.known_drift import Standing, State, drift_as_plain, standings, told
from ..machines.plain import plain_as_json
from ..machines.sentences import count
from ..models import newest_known
from .against import Against
from .deployed import Broken, read_rows
from .dumps import Dump, RawRows
from .mapping import RowMapping
from .markdown import escaped


@dataclass(frozen=True)
class Report:
    """All that a dump says: how each drift stands, broken rows, what was not compared.

    `machines` are those that are deployed and were compared; `outside` names the others, of which
    `against` does not tell what they should be.
    """

    rows: RawRows
    against: Against
    machines: Mapping[str, TypedMachine]
    drifts: tuple[Drift, ...]
    standings: tuple[Standing, ...]
    broken: Sequence[Broken]
    ignored: Sequence[str]
    outside: Sequence[str] = ()

    @property
    def is_in_step(self) -> bool:
        """Whether nothing is otherwise that nobody explained."""
        return not self.broken and not any(each.counts for each in self.standings)

    @property
    def verdict(self) -> str:
        return told(self.standings, len(self.broken))

    @property
    def compared(self) -> str:
        """What was looked at, in numbers."""
        machines = [each.machine for each in self.machines.values()]
        transitions = sum(map(len, machines))
        actions = sum(each.action_count for each in machines)
        return f"{len(machines)} machines, {transitions} transitions and {actions} actions"

    @property
    def scope(self) -> str:
        """What was looked at, against what, and how much was not."""
        told = f"Compared with {self.against.title}: {self.compared}."
        if not self.outside:
            return told
        is_one = len(self.outside) == 1
        left = f"{count(len(self.outside), 'other machine')} {'is' if is_one else 'are'} deployed"
        return f"{told} {left}, of which the release says nothing: not compared."

    @property
    def not_compared(self) -> list[str]:
        """All that was left out, a sentence each."""
        outside = [
            f"{name} is not in release {self.against.release}, so its machine is not compared."
            for name in self.outside
        ]
        return [*self.ignored, *outside]


def report_of(dump: Dump, against: Against, mapping: RowMapping, today: date) -> Report:
    """Compare a dump with what should be deployed, by what is decided about drift."""
    deployed = read_rows(dump.rows, mapping)
    machines = {name: each for name, each in deployed.machines.items() if against.tells_of(name)}
    found = drifts(machines, against.machines)
    return Report(
        dump.rows,
        against,
        machines,
        found,
        _standings(found, against, today),
        deployed.broken,
        dump.ignored,
        sorted(deployed.machines.keys() - machines.keys()),
    )


def decided_anew(report: Report, today: date) -> Report:
    """The same comparison, by what is decided now."""
    return replace(report, standings=_standings(report.drifts, report.against, today))


def _standings(found: Sequence[Drift], against: Against, today: date) -> tuple[Standing, ...]:
    """How each drift stands. What was decided on a machine that is not compared does not close."""
    decisions = [each for each in newest_known() if against.tells_of(each.capability)]
    return standings(found, decisions, today.isoformat())


def as_json(report: Report) -> str:
    """One object; scripts rely on its keys."""
    return plain_as_json(report_as_plain(report))


def report_as_plain(report: Report) -> dict[str, object]:
    """The report as plain values. `drift` is in the order of the page, what counts first."""
    shown = [each for each in report.standings if each.state is not State.CLOSED]
    closed = [each for each in report.standings if each.state is State.CLOSED]
    return {
        "in_step": report.is_in_step,
        "verdict": report.verdict,
        "against": report.against.plain,
        "compared": report.compared,
        "drift": [drift_as_plain(each) for each in shown],
        "closed": [drift_as_plain(each) for each in closed],
        "broken": [
            {
                "table": each.table,
                "row": each.row,
                "column": each.column or None,
                "problem": each.problem,
            }
            for each in report.broken
        ],
        "ignored": report.not_compared,
    }


def as_markdown(report: Report) -> str:
    """For a merge request or a ticket."""
    lines = ["# Drift of the deployed machines", "", escaped(report.verdict), ""]
    lines += [escaped(report.scope)]
    if report.broken:
        lines += ["", "## Broken rows", "", *(f"- {escaped(str(each))}" for each in report.broken)]
    for state in State:
        found = [each for each in report.standings if each.state is state]
        if found:
            lines += ["", f"## {state.capitalize()}", ""]
            lines += [line for each in found for line in _lines(each)]
    if left := report.not_compared:
        lines += ["", "## Not compared", "", *(f"- {escaped(each)}" for each in left)]
    return "\n".join(lines) + "\n"


def _lines(standing: Standing) -> list[str]:
    capability = standing.subject[0]
    known = standing.known if standing.known and standing.known.holds else None
    about = f" (until {known.until}, owner {known.owner}: {known.reason})" if known else ""
    if standing.drift is None:
        return [f"- {escaped(f'{named(standing.subject)} is as it should be again{about}.')}"]
    sign = standing.drift.sign
    return [
        f"- {escaped(f'{sign} {capability}: {sentence}{about}')}"
        for sentence in standing.drift.sentences
    ]


@dataclass(frozen=True)
class Format:
    """One format of the report: what its file is, and how it is written."""

    suffix: str
    content_type: str
    write: Callable[[Report], str]


FORMATS = {
    "json": Format("json", "application/json", as_json),
    "markdown": Format("md", "text/markdown", as_markdown),
}
