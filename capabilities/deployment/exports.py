"""The selected machines as files: one of all, or one each."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..machines.formats.python import python
from ..machines.machine import Machine
from ..machines.plain import machine_as_plain, plain_as_json
from ..models import Fleet, Kind
from .machine_files import FORMATS, Named, UnwritableError, sphinx_page, table
from .selection import Selection

Files = Mapping[str, str | bytes]
"""What the files hold, by their names."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell


def selected(selection: Selection) -> list[Named]:
    """The selected machines, sorted by the capability's name.

    Of both kinds, an ideal without a definition is left out: it is the same as current. Asked for
    alone, it is there, so that every capability is.
    """
    fleet = Fleet(selection.names)
    kinds = Kind.values if selection.kind is None else [selection.kind]
    return [
        Named(
            capability.name,
            kind,
            fleet.machine(capability.name, kind),
            tuple(note.value for note in fleet.notes.get((capability.name, kind), [])),
        )
        for capability in sorted(fleet.capabilities, key=lambda each: each.name)
        for kind in kinds
        if selection.kind or fleet.definition(capability.name, kind)
    ]


def file_each(suffix: str) -> Callable[[Selection], Files]:
    """What writes the selected machines as a file each, in the format of one machine."""

    def write(selection: Selection) -> Files:
        return {f"{each.stem}.{suffix}": _written(each, suffix) for each in selected(selection)}

    return write


def _written(named: Named, suffix: str) -> str | bytes:
    try:
        return FORMATS[suffix].write(named)
    except UnwritableError as error:
        raise UnwritableError(f"{named.title}: {error}") from error


def sphinx_pages(selection: Selection) -> Files:
    """A page for each capability."""
    found: dict[str, list[Named]] = {}
    for each in selected(selection):
        found.setdefault(each.name, []).append(each)
    return {f"{name}.rst": sphinx_page(name, machines) for name, machines in found.items()}


def python_module(selection: Selection) -> str:
    """One module of all."""
    found: dict[str, dict[str, Machine]] = {}
    for each in selected(selection):
        found.setdefault(each.name, {})[each.kind] = each.machine
    return python(found)


def csv_table(selection: Selection) -> str:
    """One table of all."""
    return table(selected(selection))


def json_object(selection: Selection) -> str:
    """One object of all, with the keys of `check_machines --json`."""
    machines = [
        {
            "capability": each.name,
            "kind": each.kind,
            "transitions": machine_as_plain(each.machine),
        }
        for each in selected(selection)
    ]
    return plain_as_json({"machines": machines})


@dataclass(frozen=True)
class Exported:
    """An export as one file."""

    content: str | bytes
    suffix: str
    content_type: str


def packed(files: Files, suffix: str, content_type: str) -> Exported:
    """One file as it is, several as a zip: the same bytes for the same files, at any time.

    Raises UnwritableError where there is none.
    """
    if not files:
        raise UnwritableError("There is no machine to export.")
    if len(files) == 1:
        return Exported(next(iter(files.values())), suffix, content_type)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system = 3  # the same on Windows
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)  # not compressed: that depends on the library
    return Exported(out.getvalue(), "zip", "application/zip")
