"""A decision about differences, and the differences that it is about."""

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms

from ..authoring.deviations import Chosen
from ..machines.deviations import Decision, Says
from ..machines.machine import Key
from ..models import Capability, Deviation, Note
from .base import Form

_PARTS = ("source", "event", "seen", "newest")
_DIGITS = 18  # of a decision's number; what is longer is none


class DecisionForm(Form):
    """Planned, accepted or blocked, with what each of them needs; the verb says what is missing.

    `owners` and `tickets` are offered while one types. `newest` is the decision that counts until
    now, whose words the form begins with. `number` tells apart the forms of one page.
    """

    state = forms.ChoiceField(
        choices=[(each.value, each.value) for each in Says if each is not Says.WITHDRAWN],
        label="Decision",
    )
    owner = forms.CharField(max_length=Deviation._meta.get_field("owner").max_length)
    ticket = forms.CharField(
        required=False,
        max_length=Deviation._meta.get_field("ticket").max_length,
        label="Ticket",
        help_text="Needed when it is planned.",
    )
    until = forms.DateField(
        required=False,
        label="Until",
        help_text="Needed when it is accepted.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    question = forms.ModelChoiceField(
        Note.objects.none(),
        required=False,
        empty_label="none",
        label="Waits for the question",
        help_text="Needed when it is blocked.",
    )
    reason = forms.CharField(
        required=False,
        max_length=Deviation._meta.get_field("reason").max_length,
        label="Why",
        help_text="Needed when it is accepted.",
    )

    def __init__(
        self,
        *args: Any,
        capability: Capability,
        owner: str = "",
        owners: Iterable[str] = (),
        tickets: Iterable[str] = (),
        newest: Decision | None = None,
        number: int | str = "",
        **kwargs: Any,
    ) -> None:
        initial = {"state": Says.PLANNED.value, "owner": owner}
        if newest and newest.says is not Says.WITHDRAWN:
            words = ("owner", "ticket", "until", "reason")
            initial = {each: getattr(newest, each) for each in words}
            initial["state"] = newest.says.value
        super().__init__(*args, auto_id=f"decision-{number}-%s", initial=initial, **kwargs)
        self.owners, self.tickets = list(owners), list(tickets)
        asked = Note.objects.filter(capability=capability, is_question=True, answer="")
        self.fields["question"].queryset = asked.order_by("kind", "position")  # type: ignore[attr-defined]
        for name in ("owner", "ticket"):
            widget = self.fields[name].widget
            widget.attrs |= {"list": f"decision-{number}-{name}s", "autocomplete": "off"}


def chosen_as_text(key: Key, seen: str, newest: int) -> str:
    """A difference as a form sends it back: which one, as it was seen."""
    return urlencode(dict(zip(_PARTS, (*key, seen, newest), strict=True)))


def read_chosen(capability: Capability, texts: Collection[str]) -> list[Chosen] | None:
    """The differences that a form sends back; None when one of them is not told whole."""
    found = []
    for text in texts:
        parts = read_parts(text, _PARTS)
        if parts is None:
            return None
        key = Key(parts["source"], parts["event"])
        found.append(Chosen(capability, key, parts["seen"], int(parts["newest"])))
    return found or None


def read_parts(text: str, names: Collection[str]) -> dict[str, str] | None:
    """What was chosen, as a form sends it back, by these names; None when it is not whole.

    `newest` is the number of the newest decision that was seen.
    """
    parts = dict(parse_qsl(text, keep_blank_values=True))
    number = parts.get("newest", "")
    is_whole = set(parts) == set(names) and number.isdecimal() and len(number) <= _DIGITS
    return parts if is_whole else None
