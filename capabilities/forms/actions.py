"""The actions of a transition, typed as a list or in the notation."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..machines.machine import ACTIONS_LIMIT, Action
from ..machines.notation import NotationError, read_actions

Pair = tuple[str, str]
"""An action as it is typed in a list: its name and its argument."""


class ActionsInput(forms.Textarea):
    """Actions as a list, each of a name and an argument; or all of them as one notation."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | list[Pair]:
        if name in data:
            return str(data[name])
        pairs = zip(data.getlist("action"), data.getlist("argument"), strict=False)
        return list(pairs)


class ActionsFormField(forms.CharField):
    """Actions, typed as a list or in the notation, as a tuple of actions."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, list):
            return _read(value or "")
        problems: list[str] = []
        actions: list[Action] = []
        for number, (name, argument) in enumerate(value, start=1):
            try:
                actions += _actions_of(name.strip(), argument.strip())
            except ValueError as error:
                problems.append(f"Action {number}: {error}.")
        if len(actions) > ACTIONS_LIMIT:
            problems.append(f"A transition has at most {ACTIONS_LIMIT} actions.")
        if problems:
            raise ValidationError(problems)
        return tuple(actions)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)


def _read(text: str) -> tuple[Action, ...]:
    try:
        return read_actions(text)
    except NotationError as error:
        raise ValidationError([str(each) for each in error.mistakes]) from error


def _actions_of(name: str, argument: str) -> tuple[Action, ...]:
    """The action of one place in the list; a place left empty has none. Raises ValueError."""
    if not name and not argument:
        return ()
    if name.startswith("{") and not argument:  # pasted from somewhere
        try:
            return read_actions(name)
        except NotationError as error:
            raise ValueError(error.mistakes[0].message) from error
    return (Action(name, argument),)
