"""The two sides of a comparison: what each is, typed or as its permanent link names it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..machines.machine import NAME_LENGTH
from ..machines.notation import Mistake
from ..machines.packing import TEXT_LIMIT, PackingError, pack, unpack
from ..models import Kind, MachineTemplate
from .base import Form

CAPABILITY, TEMPLATE, ENTRY, TEXT = "capability", "machine-template", "entry", "text"
RELEASE = "release"
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Asked:
    """One side: what it is, its name (of a text, all of it), and which one of two it has.

    Of a release: its number, and whose machine.
    """

    what: str
    name: str
    part: str = ""

    @property
    def link(self) -> str:
        """How a link names it: `capability/null/current`."""
        if self.what == TEXT:
            return f"{TEXT}/{pack(self.name)}"
        return "/".join(filter(None, (self.what, self.name, self.part)))


class SideForm(Form):
    """One side of a comparison."""

    what = forms.ChoiceField(
        choices=(
            (CAPABILITY, "a capability's machine"),
            (TEMPLATE, "a machine template"),
            (RELEASE, "a released machine"),
            (ENTRY, "a machine in the log"),
            (TEXT, "a text"),
        ),
        initial=CAPABILITY,
        label="What",
        widget=forms.RadioSelect,
    )
    capability = forms.CharField(
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "known-capabilities"}
        ),
    )
    kind = forms.ChoiceField(required=False, choices=Kind.choices, label="Kind")
    machine_template = forms.CharField(
        required=False, max_length=NAME_LENGTH, label="Machine template", widget=forms.Select
    )
    release = forms.CharField(
        required=False,
        max_length=9,
        label="Number of the release",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    released = forms.CharField(
        required=False,
        max_length=NAME_LENGTH,
        label="Capability",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "known-capabilities"}
        ),
    )
    entry = forms.CharField(
        required=False,
        max_length=18,
        label="Number of the log entry",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    at = forms.ChoiceField(
        required=False,
        choices=((AFTER, "after it"), (BEFORE, "before it")),
        label="The machine",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=TEXT_LIMIT,
        label="Text in the notation",
        help_text="A transition a line: [Start] - &lt;event&gt; {Action argument} -&gt; [End]",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "notation"}),
    )

    _NEEDED = (
        (CAPABILITY, "capability", "Name a capability."),
        (TEMPLATE, "machine_template", "Choose a machine template."),
        (RELEASE, "release", "Give the number of a release."),
        (RELEASE, "released", "Name a capability."),
        (ENTRY, "entry", "Give the number of a log entry."),
        (TEXT, "text", "Paste a machine in the notation."),
    )

    def __init__(
        self,
        *args: Any,
        templates: Iterable[MachineTemplate] = (),
        may_see_log: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        shown = [("", "choose one"), *((each.slug, each.title) for each in templates)]
        self.fields["machine_template"].widget.choices = shown
        if not may_see_log:
            what: Any = self.fields["what"]
            what.choices = [choice for choice in what.choices if choice[0] != ENTRY]
        self.mistakes: tuple[Mistake, ...] = ()
        """What could not be read in the text, for the page to show at its lines."""

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        for what, field, told in self._NEEDED:
            if found.get("what") == what and field in found and not found[field].strip():
                self.add_error(field, told)
        release = found.get("release", "")
        is_number = release.isascii() and release.isdecimal()
        if found.get("what") == RELEASE and release and not is_number:
            self.add_error("release", f"“{release}” is no number of a release.")
        entry = found.get("entry", "")
        if found.get("what") == ENTRY and entry and not (entry.isascii() and entry.isdecimal()):
            self.add_error("entry", f"“{entry}” is no number of a log entry.")
        return found

    @property
    def asked(self) -> Asked:
        """The side of a valid form."""
        found = self.cleaned_data
        what = found["what"]
        if what == CAPABILITY:
            return Asked(what, found["capability"], found["kind"] or Kind.CURRENT)
        if what == TEMPLATE:
            return Asked(what, found["machine_template"])
        if what == RELEASE:
            return Asked(what, str(int(found["release"])), found["released"])
        if what == ENTRY:
            return Asked(what, str(int(found["entry"])), found["at"] or AFTER)
        return Asked(what, found["text"].replace("\r\n", "\n"))


def typed_of(link: str) -> dict[str, str]:
    """What a form of the side has in its fields that a link names.

    Raises ValidationError for a link that names none.
    """
    what, _, rest = link.partition("/")
    if what == TEMPLATE and rest:
        return {"what": what, "machine_template": rest}
    if what == TEXT:
        try:
            return {"what": what, "text": unpack(rest)}
        except PackingError as error:
            raise ValidationError(f"The text in this link cannot be shown: {error}.") from error
    name, _, part = rest.rpartition("/")
    if what == RELEASE and name and part:
        return {"what": what, "release": name, "released": part}
    if what == CAPABILITY and name and part in Kind.values:
        return {"what": what, "capability": name, "kind": part}
    if what == ENTRY and name and part in (BEFORE, AFTER):
        return {"what": what, "entry": name, "at": part}
    raise ValidationError(
        f"“{link[:NAME_LENGTH]}” is no side of a comparison. Expected capability/NAME/current or "
        "…/ideal, machine-template/SLUG, release/NUMBER/NAME, entry/NUMBER/before or …/after, or "
        "text/PACKED."
    )
