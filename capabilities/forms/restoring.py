"""Restoring a machine from the log."""

from .base import Form, MessageField


class RestoreForm(Form):
    """Why a machine is restored."""

    message = MessageField()
