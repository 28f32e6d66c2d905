"""A dump of the deployed rows: read from JSON, from CSV, or from a zip of either.

Here a dump is only taken apart into rows; `deployed` makes machines of them.
"""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..machines.sentences import listed
from .mapping import RowMapping, Table

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes that a zip may unpack to, as many as an upload may have."""

FILES_LIMIT = 20

RawRow = dict[str, Any]
RawRows = dict[str, list[RawRow]]
"""Rows as they are dumped, of each table by its name."""


class DumpError(ValueError):
    """A text or a file is no dump; the message says where and what was expected."""


@dataclass(frozen=True)
class Part:
    """A file of a dump, or what was pasted; `name` is what it is called in messages."""

    name: str
    content: bytes


@dataclass
class Dump:
    """The rows of each table that was found; `ignored` says what else was."""

    rows: RawRows = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def add(self, source: str, table: str, rows: list[RawRow]) -> None:
        """Take the rows of a table. Raises DumpError for a table that is there already."""
        if table in self.rows:
            raise DumpError(f"{source} holds the table {table} again; expected each table once.")
        self.rows[table] = rows


def read_dump(parts: Iterable[Part], mapping: RowMapping) -> Dump:
    """Every row of a dump. Raises DumpError when it cannot be read, or when it is not whole.

    Tables of a CSV are known by their first line; in one text, an empty line is between them.
    """
    dump = Dump()
    for part in _unpacked(parts):
        text = _text(part)
        if text.lstrip().startswith(("{", "[")):
            _read_json(text, part.name, mapping, dump)
        else:
            _read_csv(text, part.name, mapping, dump)
    require_tables(dump, mapping)
    return dump


def require_tables(dump: Dump, mapping: RowMapping) -> None:
    """Raise DumpError for a table that is missing, and for a row without one of its columns."""
    if missing := [table.name for table in mapping.tables if table.name not in dump.rows]:
        word = "table" if len(missing) == 1 else "tables"
        raise DumpError(f"The dump lacks the {word} {listed(missing)}.")
    for table in mapping.tables:
        for number, row in enumerate(dump.rows[table.name], start=1):
            if lacking := [name for name in table.names if name not in row]:
                raise DumpError(
                    f"{table.name}, row {number} has no column {lacking[0]}; "
                    f"expected {', '.join(table.names)}."
                )
        more = {name for row in dump.rows[table.name] for name in row} - {*table.names}
        dump.ignored += [
            f"{table.name} has the column {name!r}, which is not read." for name in sorted(more)
        ]


def _unpacked(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, and those in a zip instead of it."""
    for part in parts:
        if not part.content.startswith(b"PK\x03\x04"):
            yield part
            continue
        left = SIZE_LIMIT
        try:
            with zipfile.ZipFile(io.BytesIO(part.content)) as packed:
                files = [each for each in packed.infolist() if not each.is_dir()]
                if len(files) > FILES_LIMIT:
                    raise DumpError(f"{part.name} holds more than {FILES_LIMIT} files.")
                for each in files:
                    with packed.open(each) as file:
                        content = file.read(left + 1)
                    left -= len(content)
                    if left < 0:
                        raise DumpError(f"{part.name} unpacks to more than {SIZE_LIMIT:,} bytes.")
                    yield Part(f"{each.filename} in {part.name}", content)
        # An encrypted file is a RuntimeError, an unknown way of packing a NotImplementedError.
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError) as error:
            if isinstance(error, DumpError):
                raise
            raise DumpError(f"{part.name} cannot be unpacked: {error}.") from error


def _text(part: Part) -> str:
    try:
        return part.content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = part.content.count(b"\n", 0, error.start) + 1
        raise DumpError(
            f"{part.name} is no text in UTF-8: line {line} has the byte "
            f"{part.content[error.start]:#04x}."
        ) from error


def _read_json(text: str, source: str, mapping: RowMapping, dump: Dump) -> None:
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise DumpError(
            f"{source} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except (ValueError, RecursionError) as error:  # a number too long, or too many brackets
        raise DumpError(f"{source} is no JSON that can be read: {error}.") from error
    tables = found.get("tables", found) if isinstance(found, dict) else None
    if not isinstance(tables, dict):
        raise DumpError(f"{source} is a list; expected an object with “tables”.")
    known = {table.name for table in mapping.tables}
    for name, rows in tables.items():
        if name not in known:
            if tables is not found or name != "about":
                dump.ignored.append(f"{source} has the table {name!r}, which is not read.")
            continue
        if not isinstance(rows, list):
            raise DumpError(f"{source}: {name} is no list; expected a list of rows.")
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                raise DumpError(
                    f"{source}: {name}, row {number} is {row!r}; expected an object of columns."
                )
        dump.add(source, name, rows)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name that stands twice, JSON takes the last without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"an object has {twice!r} twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _read_csv(text: str, source: str, mapping: RowMapping, dump: Dump) -> None:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    table: Table | None = None
    header: list[str] = []
    rows: list[RawRow] = []
    try:
        for cells in lines:
            if not cells:
                table = None
            elif table is None:
                table, header, rows = _table(cells, source, lines.line_num, mapping), cells, []
                dump.add(source, table.name, rows)
            elif len(cells) != len(header):
                raise DumpError(
                    f"{source}, line {lines.line_num}: {len(cells)} cells; expected {len(header)}, "
                    f"as in the first line of {table.name}."
                )
            else:
                rows.append(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise DumpError(f"{source}, line {lines.line_num}: {error}.") from error


def _table(header: Sequence[str], source: str, line: int, mapping: RowMapping) -> Table:
    """The table that a first line is of. Raises DumpError when it is of none, or not whole."""
    nearest = max(mapping.tables, key=lambda each: _likeness(each, header, source))
    lacking = [name for name in nearest.names if name not in header]
    if not lacking and len(set(header)) == len(header):
        return nearest
    if len(lacking) == len(nearest.names):
        expected = "; ".join(f"{each.name}: {', '.join(each.names)}" for each in mapping.tables)
        raise DumpError(
            f"{source}, line {line} is the first line of no table that is known; expected the "
            f"columns of one of them: {expected}."
        )
    if lacking:
        raise DumpError(
            f"{source}, line {line}: {nearest.name} has no column {listed(lacking)}; "
            f"expected {', '.join(nearest.names)}."
        )
    raise DumpError(f"{source}, line {line} has a column twice; expected each once.")


def _likeness(table: Table, header: Sequence[str], source: str) -> tuple[bool, bool, float]:
    """How much a first line is like that of a table; its file's name counts when both fit."""
    share = len({*table.names} & {*header}) / len(table.names)
    return share == 1, table.name in source, share
