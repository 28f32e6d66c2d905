"""The tables, by aggregate. They convert to the values of `machines` and back; nothing more."""

from . import made_of
from .audit import AuditEntry, AuditHead
from .checks import SwitchedOffCheck
from .definitions import Binding, Capability, Definition, Kind, Override, Stage
from .deviations import Deviation, deviations_of, holding, newest_decisions
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
    "Checked",
    "Definition",
    "Deviation",
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
    "deviations_of",
    "holding",
    "made_of",
    "newest_decisions",
    "values_of",
    "vocabulary",
]
