"""A note at its place, and the answer to a question."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms

from ..machines.machine import Key, Machine
from ..machines.notation import Note as NoteValue
from ..machines.notation import read
from ..machines.questions import PERSON_LENGTH, TICKET_LENGTH
from ..models import Note
from .base import Form

REMARK, QUESTION = "remark", "question"


class NoteForm(Form):
    """A note, and where it stands: at a transition, a state, or nowhere. Without `note` it is new.

    `answering` is the form that answers it, if it is an open question.
    """

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}))
    what = forms.ChoiceField(
        required=False,
        label="It is",
        choices=[("", "what its text says"), (REMARK, "a remark"), (QUESTION, "a question")],
        help_text="A text asks when it ends with a question mark or says “figure out”.",
    )
    place = forms.ChoiceField(required=False, label="Stands at", choices=())
    ticket = forms.CharField(
        required=False, max_length=TICKET_LENGTH, label="Ticket of the question"
    )
    owner = forms.CharField(
        required=False, max_length=PERSON_LENGTH, label="Who is to find the answer"
    )

    def __init__(
        self, *args: Any, machine: Machine, note: Note | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id=f"note-{note.pk if note else 'new'}-%s", **kwargs)
        self.note = note
        self.answering = AnswerForm(note=note) if note and note.is_open else None
        # A transition or a state that is gone can keep its note.
        keys = dict.fromkeys((*machine.by_key, *([note.key] if note and note.key else [])))
        states = dict.fromkeys((*machine.states, *([note.state] if note and note.state else [])))
        self.keys = {_place(key): key for key in keys}
        self.states = {urlencode({"state": state}): state for state in states}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "the whole machine"),
            ("Transitions", [(place, str(key)) for place, key in self.keys.items()]),
            ("States", [(place, f"state {state}") for place, state in self.states.items()]),
        ]
        if note:
            self.initial = {
                "text": note.text,
                "what": QUESTION if note.is_question else REMARK,
                "place": _place_of(note),
                "ticket": note.ticket,
                "owner": note.owner,
            }
            self.seen_text = "\n".join(note.value.lines)
            row = note.row_in(machine)
            self.row_url = f"#row-{row}" if row else ""

    @property
    def said(self) -> dict[str, Any]:
        """What the note is to be, as the verbs take it."""
        found = self.cleaned_data
        return {
            "text": found["text"],
            "key": self.keys.get(found["place"]),
            "state": self.states.get(found["place"], ""),
            "is_question": found["what"] == QUESTION if found["what"] else None,
            "ticket": found["ticket"],
            "owner": found["owner"],
        }

    @property
    def seen(self) -> NoteValue | None:
        """The note as it was when the form was opened, if the form says so."""
        return _seen(self.data, self.keys)


class AnswerForm(Form):
    """The answer to a question."""

    answer = forms.CharField(
        label="Answer", widget=forms.Textarea(attrs={"rows": 2}), help_text="One line of text."
    )

    def __init__(self, *args: Any, note: Note, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"answer-{note.pk}-%s", **kwargs)
        self.keys = {_place(note.key): note.key} if note.key else {}
        self.seen_text = "\n".join(note.value.lines)
        self.seen_place = _place_of(note)

    @property
    def seen(self) -> NoteValue | None:
        """The question as it was when the form was opened, if the form says so."""
        return _seen(self.data, self.keys)


def note_forms(machine: Machine, notes: Iterable[Note]) -> list[NoteForm]:
    """The form of each note: of open questions first, then of answered ones, then of remarks."""
    forms = [NoteForm(machine=machine, note=note) for note in notes]
    return sorted(forms, key=lambda form: rank(form.note))


def rank(note: Note | None) -> int:
    """Where a note stands among others."""
    return 2 if note is None or not note.is_question else int(not note.is_open)


def _place(key: Key) -> str:
    """A key as a choice: the place in the machine would be another key's after another change."""
    return urlencode(key._asdict())


def _place_of(note: Note) -> str:
    if note.state:
        return urlencode({"state": note.state})
    return _place(note.key) if note.key else ""


def _seen(data: Mapping[str, Any], keys: Mapping[str, Key]) -> NoteValue | None:
    if "seen_text" not in data:
        return None
    lines = data["seen_text"].replace("\r\n", "\n").split("\n")
    notes = read("".join(f"-- {line}\n" for line in lines)).notes
    seen = notes[0] if len(notes) == 1 else NoteValue("")
    return replace(seen, key=keys.get(data.get("seen_place", "")))
