"""Capabilities, one and many, and the layers of their definitions."""

from collections.abc import Iterable
from typing import Any

from django import forms

from ..fields import validate_capability_name
from ..machines.machine import NAME_LENGTH
from ..models import Capability, Kind, MachineTemplate
from .base import Form, MessageField


class CapabilityForm(Form):
    """A new capability: its name and a machine template."""

    name = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_capability_name],
        help_text="Letters, digits, “_”, “-” and “.”, as in std_calibration.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    machine_template = forms.ModelChoiceField(
        MachineTemplate.objects.filter(retired=False),
        to_field_name="slug",
        required=False,
        empty_label="no machine template",
        widget=forms.RadioSelect,
    )
    message = MessageField()


class LayerForm(Form):
    """A machine template that a definition is put on, or that is a stage of it; none is empty."""

    machine_template = forms.ModelChoiceField(
        MachineTemplate.objects.all(), to_field_name="slug", required=False
    )


class ManyForm(Form):
    """Capabilities that are chosen, by name, and what to do to their machines of one kind.

    `templates` are all machine templates, where the page has read them anyway.
    """

    CHOOSE, ATTACH, REMOVE = "choose", "attach", "remove"

    name = forms.ModelMultipleChoiceField(
        Capability.objects.all(),
        to_field_name="name",
        label="Capabilities",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick the capabilities that are meant.",
            "invalid_choice": "There is no capability %(value)s any more.",
        },
    )
    kind = forms.ChoiceField(choices=Kind.choices, label="Kind")
    what = forms.ChoiceField(
        choices=(
            (CHOOSE, "use the machine template"),
            (ATTACH, "attach the stage"),
            (REMOVE, "remove the stage"),
        ),
        label="What to do",
    )
    machine_template = forms.ModelChoiceField(
        MachineTemplate.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label="none",
        label="Machine template",
    )
    message = MessageField()

    def __init__(
        self, *args: Any, templates: Iterable[MachineTemplate] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if templates is not None:
            shown = [("", "none"), *((each.slug, each.title) for each in templates)]
            self.fields["machine_template"].widget.choices = shown

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        stage = found.get("what") in (self.ATTACH, self.REMOVE)
        if stage and "machine_template" in found and found["machine_template"] is None:
            self.add_error("machine_template", "Choose the machine template whose layer it is.")
        return found
