"""The tables, by aggregate. They convert to the values of `machines` and back; nothing more."""

from . import made_of
from .audit import AuditEntry, AuditHead
from .change_kinds import ChangeKind
from .checks import SwitchedOffCheck
from .definitions import Binding, Capability, Definition, Kind, Override, Stage
from .deviations import Deviation, deviations_of, holding, newest_decisions
from .fleet import Checked, Fleet
from .history import Progress, progress
from .matching import Alike, Matched, Matching
from .notes import Note
from .places import Place, Places, values_of
from .registry import Term, vocabulary
from .review import ChangeRequest, Review, ReviewEvent, machine_now, states_of
from .surveys import survey
from .templates import LayerRow, MachineTemplate, Shelf, TemplateRow

__all__ = [
    "Alike",
    "AuditEntry",
    "AuditHead",
    "Binding",
    "Capability",
    "ChangeKind",
    "ChangeRequest",
    "Checked",
    "Definition",
    "Deviation",
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
    "Review",
    "ReviewEvent",
    "Shelf",
    "Stage",
    "SwitchedOffCheck",
    "TemplateRow",
    "Term",
    "deviations_of",
    "holding",
    "machine_now",
    "made_of",
    "newest_decisions",
    "progress",
    "states_of",
    "survey",
    "values_of",
    "vocabulary",
]
