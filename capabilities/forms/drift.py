"""A dump of deployed rows, and a decision about drift."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError

from ..authoring.known_drift import ChosenDrift
from ..machines.machine import Key
from ..models import KnownDrift
from .base import Form
from .deviations import read_parts

_PARTS = ("capability", "source", "event", "seen", "newest")


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Any number of files."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        clean = super().clean
        return [found for each in given if (found := clean(each, initial))]


class _AnyChoiceField(forms.ChoiceField):
    """A choice that may be none of those that are offered."""

    def valid_value(self, value: Any) -> bool:
        return True


class DumpForm(Form):
    """The rows that are deployed, pasted or as files, and what they are compared with.

    `choices` gives what can be chosen; whether what is chosen is there, the view says.
    """

    against = _AnyChoiceField(
        required=False,
        label="Compare with",
        help_text="A release tells only of the machines that it has; others are not compared.",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="The dump",
        help_text=(
            "JSON, or the tables as CSV, one after the other with an empty line between. Each "
            "table begins with the line of its columns."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "notation"}),
    )
    uploads = _FilesField(
        required=False, label="Or files", help_text="JSON, three files of CSV, or a zip of them."
    )

    def __init__(self, *args: Any, choices: Callable[[], Iterable[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if not found.get("uploads") and "text" in found and not found["text"].strip():
            raise ValidationError("Paste a dump or choose files.")
        return found


class KnownDriftForm(Form):
    """Why drift is known, who looks after it, and until when; the verb says what is missing."""

    owner = forms.CharField(
        required=False, max_length=KnownDrift._meta.get_field("owner").max_length
    )
    until = forms.DateField(
        required=False,
        label="Until",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        required=False, max_length=KnownDrift._meta.get_field("reason").max_length, label="Why"
    )

    def __init__(self, *args: Any, owners: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, auto_id="known-%s", **kwargs)
        self.owners = list(owners)
        self.fields["owner"].widget.attrs |= {"list": "known-owners", "autocomplete": "off"}


def chosen_drift_as_text(chosen: ChosenDrift) -> str:
    """A drift as a form sends it back: which one, as it was seen."""
    name, key = chosen.subject
    values = (name, *key, chosen.seen, chosen.newest)
    return urlencode(dict(zip(_PARTS, values, strict=True)))


def read_chosen_drift(texts: Sequence[str]) -> list[ChosenDrift] | None:
    """The drift that a form sends back; None when one is not told whole."""
    found = []
    for text in texts:
        parts = read_parts(text, _PARTS)
        if parts is None:
            return None
        key = Key(parts["source"], parts["event"])
        found.append(ChosenDrift((parts["capability"], key), parts["seen"], int(parts["newest"])))
    return found
