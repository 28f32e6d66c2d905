"""The tables, by aggregate. They convert to the values of `machines` and back; nothing more."""

from . import made_of
from .audit import AuditEntry, AuditHead
from .change_kinds import ChangeKind
from .checks import SwitchedOffCheck
from .definitions import Binding, Capability, Definition, Kind, Override, Stage
from .fleet import Checked, Fleet
from .notes import Note
from .places import Place, Places, values_of
from .registry import Term, vocabulary
from .templates import LayerRow, MachineTemplate, Shelf, TemplateRow

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Binding",
    "Capability",
    "ChangeKind",
    "Checked",
    "Definition",
    "Fleet",
    "Kind",
    "LayerRow",
    "MachineTemplate",
    "Note",
    "Override",
    "Place",
    "Places",
    "Shelf",
    "Stage",
    "SwitchedOffCheck",
    "TemplateRow",
    "Term",
    "made_of",
    "values_of",
    "vocabulary",
]
