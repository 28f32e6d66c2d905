"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from .fields import validate_capability_name, validate_name
from .machines.machine import NAME_LENGTH, Action, Key, Transition
from .machines.notation import NotationError, read_actions
from .machines.notation import Note as NoteValue
from .models import Kind, MachineTemplate, Note


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


class ActionsFormField(forms.CharField):
    """Actions in the notation, as a tuple of actions."""

    def to_python(self, value: Any) -> Any:
        try:
            return read_actions(super().to_python(value) or "")
        except NotationError as error:
            raise ValidationError([str(each) for each in error.mistakes]) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)


class TransitionForm(Form):
    """One transition. `clean` leaves it, made of the fields, in `transition`."""

    source = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Source")
    event = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Event")
    target = forms.CharField(max_length=NAME_LENGTH, validators=[validate_name], label="Target")
    actions = ActionsFormField(
        required=False,
        label="Actions",
        help_text="In order, each in braces: {SendMessage execution_complete} {QaPass}. "
        "Nothing means no action.",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    message = MessageField()

    transition: Transition

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("source", "states"), ("event", "events"), ("target", "states")):
            attributes = {"list": f"known-{known}", "autocomplete": "off", "spellcheck": "false"}
            self.fields[name].widget.attrs.update(attributes)

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


class NoteForm(Form):
    """A note, and the transition that it stands at, or none. Without `note` it is a new one."""

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}))
    place = forms.ChoiceField(required=False, label="Stands at", choices=())

    def __init__(
        self, *args: Any, keys: Collection[Key], note: Note | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id=f"note-{note.pk if note else 'new'}-%s", **kwargs)
        self.note = note
        # A transition that is gone can keep its note.
        own = [note.key] if note and note.key and note.key not in keys else []
        self.keys = {_place(key): key for key in (*keys, *own)}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "the whole machine"),
            *((place, str(key)) for place, key in self.keys.items()),
        ]
        if note:
            self.initial = {"text": note.text, "place": _place(note.key) if note.key else ""}

    @property
    def key(self) -> Key | None:
        return self.keys.get(self.cleaned_data["place"])

    @property
    def seen(self) -> NoteValue | None:
        """The note as it was when the form was opened, if the form says so."""
        if "seen_text" not in self.data:
            return None
        return NoteValue(self.data["seen_text"], self.keys.get(self.data.get("seen_place", "")))


def _place(key: Key) -> str:
    """A key as a choice: the place in the machine would be another key's after another change."""
    return urlencode(key._asdict())


class TextForm(Form):
    """A whole machine in the notation, with its notes as remarks."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="The machine",
        help_text="A transition a line; a remark (--) after a transition is a note at it.",
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "notation"}),
    )
    message = MessageField()


class ImportForm(Form):
    """A page or a fixture, pasted or as a file."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="Text",
        help_text="The team's page, whole and unchanged, or a part of one, or a fixture.",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "notation"}),
    )
    file = forms.FileField(required=False, label="Or a file", help_text="Text in UTF-8.")
    head = forms.IntegerField(required=False, widget=forms.HiddenInput)
    source = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    message = MessageField()

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        upload = found.get("file")
        if upload:
            try:
                found["text"] = upload.read().decode()
            except UnicodeDecodeError as error:
                raise ValidationError(
                    {"file": f"{upload.name} is no text in UTF-8 (byte {error.start + 1})."}
                ) from error
            found["source"] = upload.name
            if "\0" in found["text"]:
                line = found["text"].count("\n", 0, found["text"].index("\0")) + 1
                raise ValidationError({"file": f"Line {line} has the unusable character U+0000."})
        elif "text" in found and not found["text"].strip():
            raise ValidationError("Paste a text or choose a file.")
        found["source"] = found.get("source") or "pasted text"
        return found


class ExportForm(Form):
    """Which kind of machine to export, and of which capability."""

    kind = forms.ChoiceField(
        required=False, choices=(("", "current and ideal"), *Kind.choices), label="Kind"
    )
