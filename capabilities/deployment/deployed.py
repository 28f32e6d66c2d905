"""Machines out of deployed rows; what is wrong with a row is told, and nothing of it is lost."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..machines.drift import TypedMachine
from ..machines.machine import Action, Key, Machine, Transition, name_problem
from ..machines.sentences import count
from .dumps import RawRow, RawRows
from .mapping import ACTIONS, MACHINES, TRANSITIONS, Column, RowMapping, Table

_DIGITS = 18  # of a position or an id; what is longer is no number


@dataclass(frozen=True)
class Broken:
    """A row that is no part of any machine; `row` counts from 1, `column` may be "" for all."""

    table: str
    row: int
    column: str
    problem: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.table}, row {self.row}{column}: {self.problem}"


@dataclass
class Deployed:
    """Every machine that the rows make, by capability, and every row that is broken."""

    machines: dict[str, TypedMachine] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)


def read_rows(rows: RawRows, mapping: RowMapping) -> Deployed:
    """Make machines of the rows of all three tables.

    A broken row is left out with the rows that name it. Ids say only what belongs together, and,
    without a position, the order.
    """
    return _Reader(rows, mapping).read()


class _Placed(NamedTuple):
    """What a row is, and where it stands among its siblings: by position, then as it was dumped."""

    place: tuple[int, int]
    row: int
    values: dict[str, Any]


class _Reader:
    def __init__(self, rows: RawRows, mapping: RowMapping) -> None:
        self.rows = rows
        self.tables = {table.role: table for table in mapping.tables}
        self.found = Deployed()

    def read(self) -> Deployed:
        types: dict[str, str] = {}
        for placed in self._whole(MACHINES, unique="capability"):
            types[placed.values["capability"]] = placed.values["type"]
        transitions = self._by_owner(TRANSITIONS, "capability", MACHINES, types)
        ids = {each.values["id"] for found in transitions.values() for each in found}
        actions = self._by_owner(ACTIONS, "transition", TRANSITIONS, ids)
        for name, type_ in types.items():
            machine = Machine(tuple(self._transitions(transitions.get(name, []), actions)))
            self.found.machines[name] = TypedMachine(machine, type_)
        order = [table.name for table in self.tables.values()]
        self.found.broken.sort(key=lambda each: (order.index(each.table), each.row))
        return self.found

    def _whole(self, role: str, *, unique: str) -> Iterator[_Placed]:
        """The rows of a table whose columns hold what they should, each `unique` value once."""
        table = self.tables[role]
        seen: dict[object, int] = {}
        for number, row in enumerate(self.rows[table.name], start=1):
            values = self._values(table, number, row)
            if values is None:
                continue
            if values[unique] in seen:
                above = f"stands in row {seen[values[unique]]} already; expected it once"
                self._break(role, number, unique, f"{_shown(values[unique])} {above}")
                continue
            seen[values[unique]] = number
            place = values.get("position", values.get("id"))
            yield _Placed((place if isinstance(place, int) else 0, number), number, values)

    def _by_owner(
        self, role: str, owner: str, owners: str, known: object
    ) -> dict[object, list[_Placed]]:
        """The rows of a table in their order, by the row that they name."""
        found: dict[object, list[_Placed]] = defaultdict(list)
        for placed in self._whole(role, unique="id"):
            value = placed.values[owner]
            if value in known:  # type: ignore[operator]
                found[value].append(placed)
                continue
            named = self._column(owners, "capability" if owners == MACHINES else "id")
            self._break(
                role, placed.row, owner, f"{_shown(value)} names no row; expected one of {named}"
            )
        return {name: sorted(each) for name, each in found.items()}

    def _transitions(
        self, placed: list[_Placed], actions: dict[object, list[_Placed]]
    ) -> Iterator[Transition]:
        rows: dict[Key, int] = {}
        for each in placed:
            values, done = each.values, actions.get(each.values["id"], [])
            key = Key(values["source"], values["event"])
            problem = ""
            if key in rows:
                problem = f"{key} stands in row {rows[key]} already; expected one row for it"
            else:
                kept = tuple(action for row in done if (action := self._action(row)))
                try:
                    transition = Transition(*key, kept, values["target"])
                except ValueError as error:
                    problem = str(error)
            if problem:
                lost = f"; so {count(len(done), 'action')} of it cannot be compared" if done else ""
                self._break(TRANSITIONS, each.row, "", f"{problem}{lost}")
                continue
            rows[key] = each.row
            yield transition

    def _action(self, placed: _Placed) -> Action | None:
        try:
            return Action(placed.values["name"], placed.values["argument"])
        except ValueError as error:
            self._break(ACTIONS, placed.row, "", f"{error}; expected an action")
            return None

    def _values(self, table: Table, number: int, row: RawRow) -> dict[str, Any] | None:
        """The values by the roles of their columns; None when one of them cannot be."""
        values: dict[str, Any] = {}
        is_whole = True
        for column in table.columns:
            try:
                values[column.role] = _value(column, row[column.name])
            except ValueError as error:
                self._break(table.role, number, column.role, str(error))
                is_whole = False
        return values if is_whole else None

    def _column(self, role: str, of: str) -> str:
        table = self.tables[role]
        return f"{table.name}.{next(each.name for each in table.columns if each.role == of)}"

    def _break(self, role: str, row: int, column: str, problem: str) -> None:
        table = self.tables[role]
        name = next((each.name for each in table.columns if each.role == column), "")
        self.found.broken.append(Broken(table.name, row, name, f"{problem}."))


def _value(column: Column, value: object) -> str | int:
    """What a column holds; an id may be a number or any text. Raises ValueError, saying why."""
    if column.role in ("id", "transition"):
        number = _number(value)
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text:
            raise ValueError(f"is {_shown(value)}; expected an id")
        return text if number is None or str(number) != text else number
    if column.role == "position":
        number = _number(value)
        if number is None:
            raise ValueError(f"is {_shown(value)}; expected a whole number")
        return number
    if value is None and column.holds == "text":
        return ""
    if not isinstance(value, str):
        raise ValueError(f"is {_shown(value)}; expected text")
    if (column.holds == "name" or value) and (problem := name_problem(value)):
        raise ValueError(f"{problem}; expected a name" if value else "is empty; expected a name")
    return value


def _number(value: object) -> int | None:
    """A whole number, as such or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and len(value) <= _DIGITS:
        return int(value) if value.removeprefix("-").isdecimal() else None
    return None


def _shown(value: object) -> str:
    if value is None:
        return "NULL"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
