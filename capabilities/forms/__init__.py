"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from .adopting import AdoptForm
from .capabilities import CapabilityForm, LayerForm, ManyForm
from .machine_templates import MachineTemplateForm, TemplateOverForm, TemplateTitleForm
from .notes import NoteForm
from .registry import RenameForm, TermForm
from .texts import ExportForm, ImportForm, TextForm
from .transitions import FINAL, KeyForm, OverrideForm, TransitionForm

__all__ = [
    "FINAL",
    "AdoptForm",
    "CapabilityForm",
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
]
