"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from .adopting import AdoptForm
from .capabilities import CapabilityForm, LayerForm, ManyForm
from .comparing import Asked, SideForm
from .deviations import DecisionForm, chosen_as_text, read_chosen
from .drift import DumpForm, KnownDriftForm, chosen_drift_as_text, read_chosen_drift
from .log import LogForm
from .machine_templates import MachineTemplateForm, TemplateOverForm, TemplateTitleForm
from .notes import AnswerForm, NoteForm, note_forms, rank
from .registry import RenameForm, TermForm
from .restoring import RestoreForm
from .review import (
    EditedProposalForm,
    ProposalForm,
    TextProposalForm,
    WordsForm,
    key_as_text,
    read_choices,
    read_keys,
)
from .texts import ExportForm, ImportForm, TextForm
from .transitions import FINAL, KeyForm, OverrideForm, TransitionForm

__all__ = [
    "FINAL",
    "AdoptForm",
    "AnswerForm",
    "Asked",
    "CapabilityForm",
    "DecisionForm",
    "DumpForm",
    "EditedProposalForm",
    "ExportForm",
    "ImportForm",
    "KeyForm",
    "KnownDriftForm",
    "LayerForm",
    "LogForm",
    "MachineTemplateForm",
    "ManyForm",
    "NoteForm",
    "OverrideForm",
    "ProposalForm",
    "RenameForm",
    "RestoreForm",
    "SideForm",
    "TemplateOverForm",
    "TemplateTitleForm",
    "TermForm",
    "TextForm",
    "TextProposalForm",
    "TransitionForm",
    "WordsForm",
    "chosen_as_text",
    "chosen_drift_as_text",
    "key_as_text",
    "note_forms",
    "rank",
    "read_choices",
    "read_chosen",
    "read_chosen_drift",
    "read_keys",
]
