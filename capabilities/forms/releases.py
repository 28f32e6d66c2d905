"""A release, and where it is deployed."""

from typing import Any

from django import forms

from ..authoring.releases import NOTES_LENGTH, Acknowledged
from ..models import Environment
from ..models.releases import REMARK_LENGTH, TITLE_LENGTH
from .base import Form


class ReleaseForm(Form):
    """What a release is called and what is said of it. `head` is what the page has seen."""

    title = forms.CharField(
        max_length=TITLE_LENGTH,
        help_text="One line: what this release is for.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    notes = forms.CharField(
        required=False,
        max_length=NOTES_LENGTH,
        help_text="For whoever deploys it; may stay empty.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    head = forms.IntegerField(min_value=0, max_value=10**18, widget=forms.HiddenInput)


class DeploymentForm(Form):
    """That a release came into an environment."""

    environment = forms.ChoiceField(choices=[(each, each) for each in Environment.values])
    remark = forms.CharField(
        required=False,
        max_length=REMARK_LENGTH,
        help_text="May stay empty.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def acknowledged_as_text(who: Acknowledged) -> str:
    """A warning that is acknowledged, as forms and commands write it: `unknown-event:null`."""
    return ":".join(who)


def read_acknowledged(data: Any) -> dict[Acknowledged, str]:
    """The warnings that are ticked in a form, each with the words about it."""
    found = {}
    for each in data.getlist("acknowledged"):
        code, _, name = each.partition(":")
        found[code, name] = data.get(f"words {each}", "")
    return found
