"""What every form has."""

from typing import Any

from django import forms


class Form(forms.Form):
    """A form of ours: its labels end with nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class MessageField(forms.CharField):
    """Why, for the audit log."""

    def __init__(self) -> None:
        super().__init__(
            required=False, max_length=500, label="Why", help_text="For the log; may stay empty."
        )
