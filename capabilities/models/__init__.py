"""The tables, by aggregate. They convert to the values of `machines` and back; nothing more."""

from . import made_of
from .audit import AuditEntry, AuditHead
from .checks import SwitchedOffCheck
from .definitions import Binding, Capability, Definition, Kind, Override, Stage
from .fleet import Checked, Fleet
from .history import Progress, progress
from .matching import Alike, Matched, Matching
from .notes import Note
from .places import Place, Places, values_of
from .registry import Term, vocabulary
from .surveys import survey
from .templates import LayerRow, MachineTemplate, Shelf, TemplateRow

__all__ = [
    "Alike",
    "AuditEntry",
    "AuditHead",
    "Binding",
    "Capability",
    "Checked",
    "Definition",
    "Fleet",
    "Kind",
    "LayerRow",
    "MachineTemplate",
    "Matched",
    "Matching",
    "Note",
    "Override",
    "Place",
    "Places",
    "Progress",
    "Shelf",
    "Stage",
    "SwitchedOffCheck",
    "TemplateRow",
    "Term",
    "made_of",
    "progress",
    "survey",
    "values_of",
    "vocabulary",
]
