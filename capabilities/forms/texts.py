"""Whole texts: a machine, an import, and what to export."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..models import Kind
from .base import Form, MessageField


class TextForm(Form):
    """A whole machine in the notation, with its notes as remarks."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="The machine",
        help_text=(
            "A transition a line; a remark (--) after a transition is a note at it. A remark that "
            "asks is a question; so is “-- Question (WS-801, owner ada): text”. The line "
            "“-- Answer: text” below a question answers it; “-- At [State]: text” is at a state, "
            "and “-- Remark: text” is no question, whatever it says."
        ),
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "notation"}),
    )
    message = MessageField()


class ImportForm(Form):
    """A page, a fixture or rows, pasted or as a file."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="Text",
        help_text="As it is: what is no machine is told, and loses nothing.",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "notation"}),
    )
    file = forms.FileField(required=False, label="Or a file", help_text="Text in UTF-8.")
    head = forms.IntegerField(required=False, widget=forms.HiddenInput)
    source = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    message = MessageField()

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        upload = found.get("file")
        if upload:
            content = upload.read()
            if content.startswith(b"PK\x03\x04"):
                told = f"{upload.name} is a zip. Unpack it; the page Drift takes a zip of rows."
                raise ValidationError({"file": told})
            try:
                found["text"] = content.decode()
            except UnicodeDecodeError as error:
                raise ValidationError(
                    {"file": f"{upload.name} is no text in UTF-8 (byte {error.start + 1})."}
                ) from error
            found["source"] = upload.name
            if "\0" in found["text"]:
                line = found["text"].count("\n", 0, found["text"].index("\0")) + 1
                raise ValidationError({"file": f"Line {line} has the unusable character U+0000."})
        elif "text" in found and not found["text"].strip():
            raise ValidationError("Paste a text or choose a file.")
        found["source"] = found.get("source") or "pasted text"
        return found


class ExportForm(Form):
    """Which kind of machine to export, and of which capability."""

    kind = forms.ChoiceField(
        required=False, choices=(("", "current and ideal"), *Kind.choices), label="Kind"
    )
