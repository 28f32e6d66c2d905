"""Rows for Workspaces as a page that the import takes.

Rows say what each machine is, not what it is made of. Its machine type says that: where the machine
template of a type is not here, it is found from the machines of the type. Rows are what runs, so
each machine is a current one.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.text import slugify

from ..machines.drift import TypedMachine
from ..machines.machine import Machine, name_problem, parameters
from ..machines.notation import Mistake
from ..machines.page import CURRENT, Page, PageMachine, PageTemplate, capability_name_problem
from ..machines.sentences import count, listed
from ..machines.written import written_from
from ..models import Shelf
from ..models.definitions import OWN_PARAMETER
from .deployed import read_rows
from .dumps import DumpError, Part, RawRows, read_dump
from .mapping import MACHINES, TITLES, RowMapping
from .workspaces import type_of, typed_by

_START = re.compile(r'\ufeff?\s*\{\s*"')
_SHOWN = 5  # names in one warning
_MOST = 100  # mistakes that are told


class RowsError(ValueError):
    """A text is no dump that can be imported; `mistakes` says why."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


@dataclass(frozen=True)
class DeployedRows:
    """The machines that rows make, by capability; `ignored` says what else was in the text."""

    machines: Mapping[str, TypedMachine]
    mapping: RowMapping
    ignored: tuple[str, ...] = ()

    def as_page(self, shelf: Shelf) -> tuple[Page, list[str]]:
        """The page that says the same, with each machine template that `shelf` lacks, and warnings.

        A type for which none is found is in the warnings, with the machines that it does not write.
        """
        present = {each.slug: shelf.machine(pk) for pk, each in shelf.templates.items()}
        titles = {each.title for each in shelf.templates.values()}
        found: dict[str, PageTemplate] = {}
        for slug, unbound in self._lacking(present):
            if title := _title(slug, titles):
                found[slug] = PageTemplate(title, unbound)
        machines = [
            PageMachine(name, CURRENT, typed.machine)
            for name, typed in sorted(self.machines.items())
        ]
        here = {**present, **{slug: each.machine for slug, each in found.items()}}
        return Page(tuple(machines), tuple(found.values())), list(self._warnings(here))

    def _lacking(self, present: Mapping[str, Machine]) -> Iterator[tuple[str, Machine]]:
        """For each type without a machine template: its slug, and what its machines are of."""
        left = dict(self.machines)
        for slug, type_ in self.mapping.machine_types.items():
            mine = {name: each.machine for name, each in left.items() if each.type == type_}
            # A machine has the first type that writes it, so the next types may write it as well.
            left = {name: each for name, each in left.items() if name not in mine}
            if slug in present or not mine:
                continue
            others = {name: each.machine for name, each in left.items()}
            unbound = written_from(mine, OWN_PARAMETER, others)
            if unbound is not None:
                yield slug, unbound

    def _warnings(self, templates: Mapping[str, Machine]) -> Iterator[str]:
        """What an export of these machines says otherwise than these rows."""
        typed = typed_by(templates, self.mapping)
        otherwise: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, each in sorted(self.machines.items()):
            written = type_of(name, each.machine, typed)
            if written != each.type:
                otherwise[each.type, written].append(name)
        for (said, written), names in otherwise.items():
            if not said:
                why = f"no machine type in the rows, but {written} writes exactly this machine"
            elif said not in self.mapping.machine_types.values():
                why = f"the machine type {said} is not known here"
            else:
                why = f"the machine type {said} does not write exactly this machine"
            then = f"with the type {written}" if written else "without a type"
            yield f"{_some(names)}: {why}. Each is imported as its rows say and exported {then}."
        own = [
            name
            for name, each in sorted(self.machines.items())
            if OWN_PARAMETER in parameters(each.machine)
        ]
        if own:
            yield f"{_some(own)}: ({OWN_PARAMETER}) in the rows becomes the capability's own name."


def is_rows(text: str) -> bool:
    """Whether a text is a JSON object, which a page never is."""
    return _START.match(text) is not None


def load(text: str, mapping: RowMapping) -> DeployedRows:
    """Read rows as `workspaces-json` has them, or any dump in that form.

    Raises RowsError with every row that is part of no machine, or when the text is no such dump.
    """
    try:
        dump = read_dump([Part("The text", text.encode(errors="surrogatepass"))], mapping)
    except DumpError as error:
        raise RowsError(_unreadable(error)) from error
    deployed = read_rows(dump.rows, mapping)
    problems = [*map(str, deployed.broken), *_bad_names(dump.rows, deployed.machines, mapping)]
    if not problems and not deployed.machines:
        problems = ["no machine is found; expected the rows of one"]
    if problems:
        more = len(problems) - _MOST
        told = [*problems[:_MOST], *([f"and {count(more, 'problem')} more"] if more > 0 else [])]
        raise RowsError(*map(_mistake, told))
    return DeployedRows(deployed.machines, mapping, tuple(dump.ignored))


def _unreadable(error: DumpError) -> Mistake:
    cause = error.__cause__
    if isinstance(cause, json.JSONDecodeError):
        line = cause.doc.split("\n")[cause.lineno - 1]
        expected = "expected JSON, as workspaces-json has it"
        return Mistake(cause.lineno, cause.colno, "bad-json", f"{cause.msg}; {expected}", line)
    return _mistake(f"{error} Expected rows as workspaces-json has them.")


def _bad_names(
    rows: RawRows, machines: Mapping[str, TypedMachine], mapping: RowMapping
) -> Iterator[str]:
    """What is wrong with the names of capabilities: they stand in addresses here."""
    table = next(each for each in mapping.tables if each.role == MACHINES)
    column = mapping.machines_capability
    for number, row in enumerate(rows[table.name], start=1):
        name = row[column]
        if name in machines and (problem := capability_name_problem(name)):
            expected = "expected a capability's name"
            place = f"{table.name}, row {number}, column {column}"
            yield f"{place}: “{name}” {problem}; {expected}."


def _mistake(problem: str) -> Mistake:
    """A mistake in a row, or in the whole: it has no line."""
    return Mistake(0, 0, "bad-rows", problem, "")


def _title(slug: str, taken: set[str]) -> str:
    """A title that is `slug` in an address and not `taken`; "" when there is none."""
    possible = (*TITLES, slug.replace("-", " ").capitalize(), slug)
    return next(
        (
            each
            for each in possible
            if slugify(each).replace("_", "-") == slug
            and each not in taken
            and name_problem(each) is None
        ),
        "",
    )


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return listed([*names[:_SHOWN], f"{more} more"] if more > 0 else names)


def csv_problem(text: str, mapping: RowMapping) -> str:
    """Say of a text that is a table of a dump as CSV where to take it, or return ""."""
    first = text.removeprefix("\ufeff").lstrip().partition("\n")[0]
    try:
        cells = next(csv.reader([first[:1000]]), [])
    except csv.Error:
        return ""
    table = next((each for each in mapping.tables if {*each.names} <= {*cells}), None)
    if table is None:
        return ""
    return (
        f"this is the table {table.name} as CSV; expected rows as workspaces-json has them. The "
        "page Drift takes CSV, and offers to import what it read"
    )
