"""The tables, by aggregate. They convert to the values of `machines` and back; nothing more."""

from . import made_of
from .audit import AuditEntry, AuditHead
from .change_kinds import ChangeKind
from .checks import SwitchedOffCheck
from .definitions import Binding, Capability, Definition, Kind, Override, Stage
from .deviations import Deviation, deviations_of, holding, newest_decisions
from .fleet import Checked, Fleet
from .history import Progress, progress
from .known_drift import KnownDrift, newest_known
from .matching import Alike, Matched, Matching
from .notes import Note
from .places import Place, Places, values_of
from .registry import Term, vocabulary
from .releases import (
    Deployment,
    Environment,
    Release,
    ReleaseMachine,
    present_deployments,
    released_texts,
)
from .review import ChangeRequest, Review, ReviewEvent, machine_now, states_of
from .surveys import survey
from .templates import LayerRow, MachineTemplate, Shelf, TemplateRow
from .webhooks import Delivery, DeliveryAttempt, EventType, Webhook

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
    "Delivery",
    "DeliveryAttempt",
    "Deployment",
    "Deviation",
    "Environment",
    "EventType",
    "Fleet",
    "Kind",
    "KnownDrift",
    "LayerRow",
    "MachineTemplate",
    "Matched",
    "Matching",
    "Note",
    "Override",
    "Place",
    "Places",
    "Progress",
    "Release",
    "ReleaseMachine",
    "Review",
    "ReviewEvent",
    "Shelf",
    "Stage",
    "SwitchedOffCheck",
    "TemplateRow",
    "Term",
    "Webhook",
    "deviations_of",
    "holding",
    "machine_now",
    "made_of",
    "newest_decisions",
    "newest_known",
    "present_deployments",
    "progress",
    "released_texts",
    "states_of",
    "survey",
    "values_of",
    "vocabulary",
]
