"""One transition, and the key of one."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ..fields import validate_name
from ..machines.machine import NAME_LENGTH, Action, Key, Transition
from ..machines.notation import render_actions
from ..machines.vocabulary import ACTION
from ..models import Term
from .actions import ActionsFormField, ActionsInput, Pair
from .base import Form, MessageField

FINAL = "final"
"""What more a state may be, when it is registered."""


class Focus(NamedTuple):
    """The control of the list of actions that one goes on with: which, and of which action."""

    on: str
    at: int = 0


_ARRANGE = re.compile(r"(up|down|remove)-([0-9]{1,4})|(add-action|as-text|as-list)")


class TransitionForm(Form):
    """One transition. `clean` leaves it, made of the fields, in `transition`."""

    source = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Source")
    event = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Event")
    target = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Target")
    actions = ActionsFormField(
        required=False,
        label="Actions",
        initial=(),
        widget=ActionsInput(attrs={"rows": 2, "spellcheck": "false"}),
    )
    message = MessageField()

    transition: Transition
    register: Sequence[str] = ()
    """The names to register with the transition, as they are posted."""
    focus = Focus("", 0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.data, QueryDict):
            self.register = [chosen for chosen in self.data.getlist("register") if chosen]
        for name, known in (("source", "states"), ("event", "events"), ("target", "states")):
            attributes = {"list": f"known-{known}", "autocomplete": "off", "spellcheck": "false"}
            self.fields[name].widget.attrs.update(attributes)

    @property
    def terms(self) -> list[Term]:
        """The names to register with the transition."""
        return [_term(chosen) for chosen in self.register]

    @property
    def pairs(self) -> list[Pair] | None:
        """The actions as they are typed in the list; None when they are typed in the notation."""
        value = self["actions"].value()
        if isinstance(value, str):
            return None
        return [each if isinstance(each, tuple) else (each.name, each.argument) for each in value]

    @classmethod
    def arranged(cls, data: QueryDict, verb: str) -> "TransitionForm | None":
        """What was typed, its actions arranged as the button `verb` of the list says.

        Nothing is validated. None when there is no such button.
        """
        found = _ARRANGE.fullmatch(verb)
        if found is None:
            return None
        bound = cls(data)
        try:
            actions, focus = _arranged(bound, *found.groups())
        except ValidationError:
            return bound
        typed = {name: bound[name].value() for name in bound.fields}
        form = cls(initial={**typed, "actions": actions})
        form.focus, form.register = focus, bound.register
        return form

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if not self.errors:
            actions: tuple[Action, ...] = found["actions"]
            try:
                self.transition = Transition(
                    found["source"], found["event"], actions, found["target"]
                )
            except ValueError as error:
                told = str(error)
                raise ValidationError(f"{told[:1].upper()}{told[1:]}.") from error
        return found


def _term(chosen: str) -> Term:
    """A term that was chosen to be registered: its kind, what more it is, and its name."""
    kind, more, name = [*chosen.split("|", 2), "", ""][:3]
    return Term(kind=kind, name=name, argument=more if kind == ACTION else "", final=more == FINAL)


def _arranged(
    form: TransitionForm, way: str | None, number: str | None, other: str | None
) -> tuple[str | list[Pair], Focus]:
    """The actions after a button of the list, and where to go on. Raises ValidationError."""
    typed = form["actions"].value()
    if other == "as-text":
        actions = form.fields["actions"].clean(typed)
        return render_actions(actions) if actions else "", Focus("text")
    if other == "as-list":
        actions = form.fields["actions"].clean(typed)
        return [(each.name, each.argument) for each in actions], Focus("add")
    pairs = list(form.pairs or ())
    if other:
        return [*pairs, ("", "")], Focus("action", len(pairs) + 1)
    at = int(number or 0)
    if not 1 <= at <= len(pairs):
        return pairs, Focus("add")
    pair = pairs.pop(at - 1)
    if way == "remove":
        return pairs, Focus("remove", min(at, len(pairs))) if pairs else Focus("add")
    at = max(1, at - 1) if way == "up" else min(len(pairs) + 1, at + 1)
    pairs.insert(at - 1, pair)
    if at in (1, len(pairs)):  # it can go no further there
        way = "down" if at == 1 else "up"
    return pairs, Focus(way or "", at)


class OverrideForm(TransitionForm):
    """One transition of a definition, with the reason and ticket of its override."""

    reason = forms.CharField(
        required=False, max_length=500, label="Reason", help_text="Stays with the override."
    )
    ticket = forms.CharField(
        required=False, max_length=50, label="Ticket", help_text="As in WS-807."
    )

    field_order = ("source", "event", "target", "actions", "ticket", "reason", "message")


class KeyForm(Form):
    """The key of a transition."""

    source = forms.CharField(max_length=NAME_LENGTH)
    event = forms.CharField(max_length=NAME_LENGTH)

    @property
    def key(self) -> Key:
        return Key(self.cleaned_data["source"], self.cleaned_data["event"])
