"""Terms, and renaming one."""

from typing import Any

from django import forms

from ..fields import validate_name
from ..machines.machine import NAME_LENGTH
from ..machines.vocabulary import ACTION, STATE
from ..models import Term
from .base import Form, MessageField


class TermForm(Form):
    """A name of the registry: a new one, or what is said of `term`.

    With `kind` it has the fields of that kind alone.
    """

    kind = forms.ChoiceField(choices=Term.Kind.choices)
    name = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    argument = forms.ChoiceField(
        required=False,
        choices=Term.ARGUMENTS,
        label="Takes",
        help_text="The kind of name that an action takes.",
    )
    final = forms.BooleanField(
        required=False, label="Final", help_text="A state in which runs are meant to end."
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, term: Term | None = None, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leave_out = {"kind": bool(kind), "name": bool(term)}
        leave_out |= {"argument": kind not in ("", ACTION), "final": kind not in ("", STATE)}
        for name, out in leave_out.items():
            if out:
                del self.fields[name]
        if term:
            self.initial = {each: getattr(term, each) for each in self.fields}

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        kind = found.get("kind")
        if kind and kind != ACTION and found.get("argument"):
            self.add_error("argument", "Only an action takes an argument.")
        if kind and kind != STATE and found.get("final"):
            self.add_error("final", "Only a state is final.")
        return found

    def filled(self, term: Term) -> Term:
        """The term with what was typed, not saved."""
        for name, value in self.cleaned_data.items():
            setattr(term, name, value)
        return term


class RenameForm(Form):
    """The new name of one; `head` is the end of the log at which its plan was seen."""

    new = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        strip=False,
        label="New name",
        help_text="With a name that is known already it is merged into that one.",
        widget=forms.TextInput(
            attrs={"list": "known-names", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    message = MessageField()
    head = forms.IntegerField(required=False, widget=forms.HiddenInput)
