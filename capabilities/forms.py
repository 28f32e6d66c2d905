"""Forms: they turn what was typed into values, and say at its field what cannot be one."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from .fields import validate_capability_name, validate_name
from .machines.machine import ACTIONS_LIMIT, NAME_LENGTH, Action, Key, Transition
from .machines.notation import NotationError, read_actions, render_actions
from .machines.notation import Note as NoteValue
from .machines.vocabulary import ACTION, STATE
from .models import Capability, Kind, MachineTemplate, Note, Term


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


class TermForm(Form):
    """A name of the registry: a new one, or what is said of `term`.

    With `kind` it has the fields of that kind alone.
    """

    kind = forms.ChoiceField(choices=Term.Kind.choices)
    name = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    argument = forms.ChoiceField(
        required=False,
        choices=Term.ARGUMENTS,
        label="Takes",
        help_text="The kind of name that an action takes.",
    )
    final = forms.BooleanField(
        required=False, label="Final", help_text="A state in which runs are meant to end."
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, term: Term | None = None, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leave_out = {"kind": bool(kind), "name": bool(term)}
        leave_out |= {"argument": kind not in ("", ACTION), "final": kind not in ("", STATE)}
        for name, out in leave_out.items():
            if out:
                del self.fields[name]
        if term:
            self.initial = {each: getattr(term, each) for each in self.fields}

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        kind = found.get("kind")
        if kind and kind != ACTION and found.get("argument"):
            self.add_error("argument", "Only an action takes an argument.")
        if kind and kind != STATE and found.get("final"):
            self.add_error("final", "Only a state is final.")
        return found

    def filled(self, term: Term) -> Term:
        """The term with what was typed, not saved."""
        for name, value in self.cleaned_data.items():
            setattr(term, name, value)
        return term


class RenameForm(Form):
    """The new name of one; `head` is the end of the log at which its plan was seen."""

    new = forms.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_name],
        strip=False,
        label="New name",
        help_text="With a name that is known already it is merged into that one.",
        widget=forms.TextInput(
            attrs={"list": "known-names", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    message = MessageField()
    head = forms.IntegerField(required=False, widget=forms.HiddenInput)


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
