"""A change request: what is proposed and why, and what is said about it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms

from ..machines.machine import Key
from ..models import ChangeRequest, ReviewEvent
from .base import Form


def _column(name: str) -> int:
    return int(getattr(ChangeRequest._meta.get_field(name), "max_length"))  # noqa: B009


class ProposalForm(Form):
    """What a request is called, why it is proposed, and its ticket."""

    title = forms.CharField(
        max_length=_column("title"), label="Title", help_text="The change in a few words."
    )
    words = forms.CharField(
        required=False,
        max_length=_column("words"),
        label="Why",
        help_text="What the person who decides should know.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    ticket = forms.CharField(required=False, max_length=_column("ticket"), label="Ticket")


class ProposedText(forms.CharField):
    """A whole machine in the notation."""

    def __init__(self) -> None:
        super().__init__(
            strip=False,
            label="The machine as it should be",
            help_text="A transition a line. Remarks are passed over: notes are not proposed.",
            widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "notation"}),
        )


class TextProposalForm(ProposalForm):
    """A request that any edit of a machine be made."""

    text = ProposedText()
    field_order = ("text", "title", "words", "ticket")


class EditedProposalForm(Form):
    """Another text for a request, and why it is another one."""

    text = ProposedText()
    words = forms.CharField(
        required=False,
        max_length=ReviewEvent._meta.get_field("words").max_length,
        label="What is different, and why",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WordsForm(Form):
    """What somebody says about a request with what they do to it."""

    words = forms.CharField(
        required=False,
        max_length=ReviewEvent._meta.get_field("words").max_length,
        label="In words",
        help_text="Needed to ask for changes, to refuse and to comment.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def key_as_text(key: Key) -> str:
    """A key as a form sends it back, and as an address has it."""
    return urlencode(key._asdict())


def read_keys(texts: Iterable[str]) -> list[Key]:
    """The keys that a form sends back; what is none is passed over."""
    parts = (dict(parse_qsl(text, keep_blank_values=True)) for text in texts)
    return [Key(each["source"], each["event"]) for each in parts if set(each) == set(Key._fields)]


def read_choices(data: Mapping[str, Any], keys: Iterable[Key]) -> dict[Key, bool]:
    """At which keys the proposal is chosen over what is there now; keys left open are not in it.

    The field of the first key is `at-1`; it says which key it is about, in case they are others by
    now.
    """
    found = {}
    for number, key in enumerate(keys, start=1):
        choice, _, about = data.get(f"at-{number}", "").partition(" ")
        if choice in ("now", "proposed") and about == key_as_text(key):
            found[key] = choice == "proposed"
    return found
