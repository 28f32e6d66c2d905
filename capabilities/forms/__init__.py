"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from .adopting import AdoptForm
from .capabilities import CapabilityForm, LayerForm, ManyForm
from .comparing import Asked, SideForm
from .machine_templates import MachineTemplateForm, TemplateOverForm, TemplateTitleForm
from .notes import AnswerForm, NoteForm, note_forms, rank
from .registry import RenameForm, TermForm
from .texts import ExportForm, ImportForm, TextForm
from .transitions import FINAL, KeyForm, OverrideForm, TransitionForm

__all__ = [
    "FINAL",
    "AdoptForm",
    "AnswerForm",
    "Asked",
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
    "SideForm",
    "TemplateOverForm",
    "TemplateTitleForm",
    "TermForm",
    "TextForm",
    "TransitionForm",
    "note_forms",
    "rank",
]
