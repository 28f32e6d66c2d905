"""Machine templates: a new one, a copy, and what one is called and lies over."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q

from ..fields import validate_name
from ..machines.machine import NAME_LENGTH
from ..models import MachineTemplate
from .base import Form, MessageField


class MachineTemplateForm(Form):
    """A new machine template: its title, and the one that it lies over."""

    title = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    over = forms.ModelChoiceField(
        MachineTemplate.objects.filter(retired=False),
        required=False,
        empty_label="none: it stands alone",
        label="Lies over",
        help_text="One that lies over another has all its transitions, and can be a stage.",
    )
    message = MessageField()


class TemplateTitleForm(Form):
    """The title of a machine template, or of a copy of one."""

    title = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    message = MessageField()


class TemplateOverForm(Form):
    """What a machine template lies over: no retired one, save the one of today."""

    over = forms.ModelChoiceField(
        MachineTemplate.objects.none(),
        required=False,
        empty_label="none: it stands alone",
        label="Lies over",
    )
    message = MessageField()

    def __init__(
        self, *args: Any, template: MachineTemplate, above: Collection[int], **kwargs: Any
    ) -> None:
        """`above` are the ids of those that lie over `template`: it cannot lie over them."""
        super().__init__(*args, initial={"over": template.over_id}, auto_id="over-%s", **kwargs)
        offered = Q(retired=False) | Q(pk=template.over_id)
        field: Any = self.fields["over"]
        field.queryset = MachineTemplate.objects.filter(offered).exclude(pk__in=above)
