"""Model fields whose values are those of the pure core, and the validators of names."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from .machines.checks import RULES
from .machines.machine import NAME_LENGTH, Action, name_problem
from .machines.notation import NotationError, note_problem, read_actions, render_actions
from .machines.page import capability_name_problem


def validate_name(name: str) -> None:
    """Raise ValidationError for what cannot be the name of a state, event, action or term."""
    if problem := name_problem(name):
        raise ValidationError(f"This {problem}.", code="bad-name")


def validate_capability_name(name: str) -> None:
    """Raise ValidationError for what cannot be the name of a capability."""
    if problem := capability_name_problem(name):
        raise ValidationError(f"This {problem}.", code="bad-name")


def validate_note(text: str) -> None:
    """Raise ValidationError for what cannot be a note: it is one line of text."""
    if problem := note_problem(text):
        raise ValidationError(f"This {problem}; a note is one line of text.", code="bad-note")


def validate_line(text: str) -> None:
    """Raise ValidationError for what is not one line of text: a ticket, an owner, an answer."""
    if problem := note_problem(text):
        raise ValidationError(f"This {problem}; it is one line of text.", code="bad-line")
    if text != text.strip():
        raise ValidationError("This begins or ends with white space.", code="bad-line")


def validate_check_code(code: str) -> None:
    """Raise ValidationError for what is not the code of a check."""
    if code not in RULES:
        raise ValidationError(f"There is no check “{code}”.", code="no-such-check")


class NameField(models.CharField):  # type: ignore[type-arg]  # no subscripts at run time
    """The name of a state, an event or a term, compared letter by letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", NAME_LENGTH)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_name]


class ActionsField(models.TextField):  # type: ignore[type-arg]
    """An ordered list of actions in one column, in the notation: `{QaPass}`, `{no action}`."""

    description = "Actions in the notation"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", tuple)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: object) -> tuple[Action, ...] | None:
        return None if value is None else read_actions(value)

    def to_python(self, value: str | Iterable[Action] | None) -> tuple[Action, ...] | None:
        """Raises ValidationError with every mistake, each with its place, for a text."""
        if value is None:
            return None
        if not isinstance(value, str):
            return tuple(value)
        try:
            return read_actions(value)
        except NotationError as error:
            raise ValidationError(
                [ValidationError(str(each), code=each.code) for each in error.mistakes]
            ) from error

    def get_prep_value(self, value: Any) -> str | None:
        actions = self.to_python(value)
        return None if actions is None else render_actions(actions)

    def value_from_object(self, obj: models.Model) -> str:
        """What a form shows."""
        return self.value_to_string(obj)

    def value_to_string(self, obj: models.Model) -> str:
        return render_actions(getattr(obj, self.attname))
