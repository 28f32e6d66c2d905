"""Adopting nearer layers."""

from .base import Form, MessageField


class AdoptForm(Form):
    """Why nearer layers are adopted; which machines adopt them, the page says."""

    message = MessageField()
