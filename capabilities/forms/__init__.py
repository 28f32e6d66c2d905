"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from .capabilities import CapabilityForm, LayerForm, ManyForm
from .deviations import DecisionForm, chosen_as_text, read_chosen
from .machine_templates import MachineTemplateForm, TemplateOverForm, TemplateTitleForm
from .notes import NoteForm
from .registry import RenameForm, TermForm
from .texts import ExportForm, ImportForm, TextForm
from .transitions import FINAL, KeyForm, OverrideForm, TransitionForm

__all__ = [
    "FINAL",
    "CapabilityForm",
    "DecisionForm",
    "ExportForm",
    "ImportForm",
    "KeyForm",
    "LayerForm",
    "MachineTemplateForm",
    "ManyForm",
    "NoteForm",
    "OverrideForm",
    "RenameForm",
    "TemplateOverForm",
    "TemplateTitleForm",
    "TermForm",
    "TextForm",
    "TransitionForm",
    "chosen_as_text",
    "read_chosen",
]
