"""A webhook: where it is, and what it is told of."""

from django import forms

from ..models import EventType
from ..models.addresses import validate_url
from ..models.webhooks import TITLE_LENGTH, URL_LENGTH
from .base import Form


class WebhookForm(Form):
    """What a webhook is called, its address, and its events."""

    title = forms.CharField(
        max_length=TITLE_LENGTH,
        help_text="For whom it is: Chat of the DA staff.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        max_length=URL_LENGTH,
        validators=[validate_url],
        label="Address",
        help_text=(
            "It begins with https:// and is on the public internet, unless the setting "
            "WEBHOOK_HOSTS names its host. Only releasers see all of it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        choices=EventType.choices, label="Tell it of", widget=forms.CheckboxSelectMultiple
    )


class ChangedWebhookForm(WebhookForm):
    """A webhook that is there can be switched off, too."""

    is_active = forms.BooleanField(
        required=False,
        label="Switched on",
        help_text="Switched off, it is told of nothing; what waits for it goes on waiting.",
    )
