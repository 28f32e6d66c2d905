"""The machines as rows for the tables of Workspaces, as SQL and as JSON.

What the tables and columns are called is an assumption, see `mapping`. Ids and foreign keys are
computed from the order, by capability and then as the machine has it: nobody types them, equal
machines have equal ones, and no row can name one that is not there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from ..machines.drift import TypedMachine
from ..machines.machine import Machine
from ..machines.sentences import count, listed
from ..machines.survey import is_bound
from ..models import Fleet, Kind, Release, Shelf
from ..models.definitions import OWN_PARAMETER
from . import fixtures
from .mapping import ACTIONS, MACHINES, TRANSITIONS, RowMapping, Table, configured
from .selection import Selection

Value = str | int | None
Row = dict[str, Value]
"""The values of a row by the names of its columns."""

Rows = dict[str, list[Row]]
"""The rows of each table, by its name."""

WARNING = (
    "ASSUMPTION: upstream publishes the names of the three tables and of two columns. All other "
    "columns are assumed here; the setting WORKSPACES says other names.",
    "WARNING: at its start, upstream clears the transitions and the actions, and writes them anew "
    "from the machine type. What survives a start is the machine type, not the rows below.",
    "A machine has the machine type that writes exactly this machine. With overrides it has none.",
    "Rows hold what runs. Who imports them gets current machines; what is ideal, the notes, the "
    "reasons of overrides and the registry are not in them: the format fixture has all of that.",
)


def machines_of(
    kind: str | None = None, mapping: RowMapping | None = None
) -> dict[str, TypedMachine]:
    """Every capability's machine of one kind, by default the current one, with its machine type."""
    fleet = Fleet()
    machines = {
        each.name: fleet.machine(each.name, kind or Kind.CURRENT) for each in fleet.capabilities
    }
    return _typed(machines, fleet.shelf, mapping or configured())


def machines_released(
    release: Release, mapping: RowMapping | None = None
) -> dict[str, TypedMachine]:
    """Every machine of a release, with its machine type.

    The types are those that the machine templates in its export write, so they stay what they are
    whatever becomes of the templates. One that is not in it gives no type.
    """
    machines = {name: each.machine for name, each in release.machines_as_released().items()}
    return _typed(machines, fixtures.shelf_in(release.export), mapping or configured())


def _typed(
    machines: Mapping[str, Machine], shelf: Shelf, mapping: RowMapping
) -> dict[str, TypedMachine]:
    """The machines by name, each with the type by which upstream writes exactly this machine.

    There is none for a machine with overrides, of which upstream knows nothing.
    """
    slugs = {each.slug: shelf.machine(pk) for pk, each in shelf.templates.items()}
    typed = typed_by(slugs, mapping)
    return {
        name: TypedMachine(machine, type_of(name, machine, typed))
        for name, machine in sorted(machines.items())
    }


def typed_by(templates: Mapping[str, Machine], mapping: RowMapping) -> list[tuple[str, Machine]]:
    """Each machine type that there is a machine template for, by its slug, and what it writes."""
    types = mapping.machine_types.items()
    return [(type_, templates[slug]) for slug, type_ in types if slug in templates]


def type_of(name: str, machine: Machine, typed: Iterable[tuple[str, Machine]]) -> str:
    """The first machine type that writes exactly this machine of a capability; "" for none."""
    values = {OWN_PARAMETER: name}
    return next((type_ for type_, unbound in typed if is_bound(machine, unbound, values)), "")


def rows_of(
    machines: Mapping[str, TypedMachine],
    mapping: RowMapping,
    names: Iterable[str] | None = None,
) -> Rows:
    """The rows of `machines`, or of some; their ids are the same when others are left out."""
    wanted = set(machines if names is None else names)
    tables = {table.role: table for table in mapping.tables}
    rows: Rows = {table.name: [] for table in mapping.tables}

    def add(table_role: str, **values: Value) -> None:
        table = tables[table_role]
        rows[table.name].append({each.name: values[each.role] for each in table.columns})

    transition_id = action_id = 0
    for name, typed in sorted(machines.items()):
        is_wanted = name in wanted
        if is_wanted:
            add(MACHINES, capability=name, type=typed.type or None)
        for position, transition in enumerate(typed.machine, start=1):
            transition_id += 1
            if is_wanted:
                add(
                    TRANSITIONS,
                    id=transition_id,
                    capability=name,
                    position=position,
                    source=transition.source,
                    event=transition.event,
                    target=transition.target,
                )
            for place, action in enumerate(transition.actions, start=1):
                action_id += 1
                if is_wanted:
                    add(
                        ACTIONS,
                        id=action_id,
                        transition=transition_id,
                        position=place,
                        name=action.name,
                        argument=action.argument,
                    )
    return rows


def as_json(selection: Selection) -> str:
    """One object: `about`, and `tables` with every row on a line of its own."""
    rows, about = _selected(selection, configured())
    return json_text(rows, about)


def json_text(
    rows: Mapping[str, Iterable[Mapping[str, object]]],
    about: Iterable[str] = (),
    *,
    is_ascii: bool = False,
) -> str:
    """Rows as `as_json` writes them; as ASCII it carries whatever a broken row holds."""

    def written(value: object) -> str:
        return json.dumps(value, ensure_ascii=is_ascii)

    tables = []
    for name, found in rows.items():
        lines = ",\n".join(f"   {written(dict(row))}" for row in found)
        tables.append(f"  {written(name)}: [\n{lines}\n  ]" if lines else f"  {written(name)}: []")
    head = f' "about": {json.dumps(list(about), indent=2, ensure_ascii=False)},\n' if about else ""
    return "{\n" + head + ' "tables": {\n' + ",\n".join(tables) + "\n }\n}\n"


def as_sql(selection: Selection) -> str:
    """SQL for PostgreSQL, all of it in one transaction: what is there goes, these rows come."""
    mapping = configured()
    rows, about = _selected(selection, mapping)
    lines = [f"-- {_one_line(each)}" for each in about]
    # Without the setting a backslash in a text could end it.
    lines += ["", "BEGIN;", "SET LOCAL client_encoding = 'UTF8';"]
    lines += ["SET LOCAL standard_conforming_strings = on;", ""]
    lines += _deletes(mapping, selection.names)
    for table in mapping.tables:
        lines += _inserts(table, rows[table.name])
    return "\n".join([*lines, "", "COMMIT;"]) + "\n"


def _deletes(mapping: RowMapping, names: tuple[str, ...] | None) -> Iterator[str]:
    machines, transitions, actions = (qualified(table.name) for table in mapping.tables)
    if names is None:
        yield from (f"DELETE FROM {each};" for each in (actions, transitions, machines))  # noqa: S608
        return
    some = f"({', '.join(map(literal, names))})"
    owner, owned = map(identifier, (mapping.machines_capability, mapping.transitions_capability))
    key, named = map(identifier, (mapping.transitions_id, mapping.actions_transition))
    ids = f"SELECT {key} FROM {transitions} WHERE {owned} IN {some}"  # noqa: S608
    yield f"DELETE FROM {actions} WHERE {named} IN ({ids});"  # noqa: S608
    yield f"DELETE FROM {transitions} WHERE {owned} IN {some};"  # noqa: S608
    yield f"DELETE FROM {machines} WHERE {owner} IN {some};"  # noqa: S608


def _inserts(table: Table, rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    columns = ", ".join(map(identifier, table.names))
    yield ""
    yield f"INSERT INTO {qualified(table.name)} ({columns}) VALUES"
    values = [f"    ({', '.join(literal(row[name]) for name in table.names)})" for row in rows]
    yield ",\n".join(values) + ";"


def identifier(name: str) -> str:
    """A name in SQL, whatever it holds."""
    return '"{}"'.format(name.replace('"', '""'))


def qualified(table: str) -> str:
    """A table's name in SQL, with its schema where it says one before a dot."""
    return ".".join(map(identifier, table.split(".")))


def literal(value: Value) -> str:
    """A value in SQL, whatever it holds; with standard_conforming_strings a backslash is one."""
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'{}'".format(value.replace("'", "''"))


def _one_line(text: str) -> str:
    """A text that no comment lets out."""
    return " ".join(text.split())


def _selected(selection: Selection, mapping: RowMapping) -> tuple[Rows, list[str]]:
    """The rows, and the lines that say what they are."""
    kind = selection.kind or Kind.CURRENT.value
    machines = machines_of(kind, mapping)
    rows = rows_of(machines, mapping, selection.names)
    names = [name for name in machines if selection.names is None or name in selection.names]
    untyped = [name for name in names if not machines[name].type]
    about = [
        f"The {kind} state machines for Workspaces: {count(len(names), 'machine')}, "
        f"{len(rows[mapping.transitions])} transitions, {len(rows[mapping.actions])} actions.",
        *WARNING,
        "The capabilities themselves have to be there. The rows of "
        + ("all capabilities" if selection.names is None else "these capabilities")
        + " are replaced; when anything fails, none is.",
    ]
    if untyped:
        about.append(
            "Without a machine type, so they do not survive a start: " + listed(untyped) + "."
        )
    return rows, about
