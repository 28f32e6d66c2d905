"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from .capabilities import CapabilityForm, LayerForm, ManyForm
from .log import LogForm
from .machine_templates import MachineTemplateForm, TemplateOverForm, TemplateTitleForm
from .notes import NoteForm
from .registry import RenameForm, TermForm
from .restoring import RestoreForm
from .texts import ExportForm, ImportForm, TextForm
from .transitions import FINAL, KeyForm, OverrideForm, TransitionForm

__all__ = [
    "FINAL",
    "CapabilityForm",
    "ExportForm",
    "ImportForm",
    "KeyForm",
    "LayerForm",
    "LogForm",
    "MachineTemplateForm",
    "ManyForm",
    "NoteForm",
    "OverrideForm",
    "RenameForm",
    "RestoreForm",
    "TemplateOverForm",
    "TemplateTitleForm",
    "TermForm",
    "TextForm",
    "TransitionForm",
]
