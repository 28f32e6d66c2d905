"""A note at its place."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import forms

from ..machines.machine import Key
from ..machines.notation import Note as NoteValue
from ..models import Note
from .base import Form


class NoteForm(Form):
    """A note, and the transition that it stands at, or none. Without `note` it is a new one."""

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}))
    place = forms.ChoiceField(required=False, label="Stands at", choices=())

    def __init__(
        self, *args: Any, keys: Collection[Key], note: Note | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id=f"note-{note.pk if note else 'new'}-%s", **kwargs)
        self.note = note
        # A transition that is gone can keep its note.
        own = [note.key] if note and note.key and note.key not in keys else []
        self.keys = {_place(key): key for key in (*keys, *own)}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "the whole machine"),
            *((place, str(key)) for place, key in self.keys.items()),
        ]
        if note:
            self.initial = {"text": note.text, "place": _place(note.key) if note.key else ""}

    @property
    def key(self) -> Key | None:
        return self.keys.get(self.cleaned_data["place"])

    @property
    def seen(self) -> NoteValue | None:
        """The note as it was when the form was opened, if the form says so."""
        if "seen_text" not in self.data:
            return None
        return NoteValue(self.data["seen_text"], self.keys.get(self.data.get("seen_place", "")))


def _place(key: Key) -> str:
    """A key as a choice: the place in the machine would be another key's after another change."""
    return urlencode(key._asdict())
