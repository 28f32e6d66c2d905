"""What of the log is shown: one question a field, each a condition on its entries."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import BoundField

from ..models import AuditEntry, ChangeKind, Kind, MachineTemplate
from .base import Form


def _offering(names: str) -> forms.TextInput:
    """A field that offers the names of a list of the page."""
    return forms.TextInput(attrs={"list": names, "autocomplete": "off"})


PAGE, ADMIN, COMMAND = "page", "admin", "command"


class DayField(forms.DateField):
    """A day (UTC)."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Raises ValidationError that repeats what was typed, which a field of a day would hide."""
        try:
            return super().clean(value)
        except ValidationError as error:
            self.widget.input_type = "text"
            raise ValidationError(
                f"“{value}” is no day; write it as 2026-01-31.", code="invalid"
            ) from error


class LogForm(Form):
    """A filter of the log. Without values it is all of it; what cannot be is told at its field."""

    name = forms.CharField(
        required=False,
        max_length=200,
        label="Capability or machine template",
        widget=_offering("log-names"),
    )
    kind = forms.ChoiceField(
        required=False, label="Kind of machine", choices=[("", "any"), *Kind.choices]
    )
    actor = forms.CharField(
        required=False, max_length=200, label="Person", widget=_offering("log-people")
    )
    change = forms.ChoiceField(
        required=False, label="Kind of change", choices=[("", "any"), *ChangeKind.choices]
    )
    way = forms.ChoiceField(
        required=False,
        label="Way",
        choices=[("", "any"), (PAGE, "a page"), (ADMIN, "the admin"), (COMMAND, "a command")],
    )
    since = DayField(label="From")
    until = DayField(label="To")
    text = forms.CharField(required=False, max_length=200, label="Text")
    request = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    MAIN = ("name", "actor", "change", "text")
    """The fields that are asked for most; the others open."""

    OF_WHO: tuple[str, ...] = ("actor", "way", "request")
    """Fields that ask for the same of every entry of one request."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for days that are the wrong way round."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one.")
        return cleaned

    @property
    def main_fields(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if field.name in self.MAIN]

    @property
    def more_fields(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.MAIN]

    @property
    def asks_more(self) -> bool:
        """Whether a field that is not a main one has a value or a mistake."""
        return any(field.data or field.errors for field in self.more_fields)

    @property
    def active(self) -> dict[str, Any]:
        """What is asked for, by field; without what could not be understood."""
        self.errors  # noqa: B018  # it is cleaned by asking
        cleaned = getattr(self, "cleaned_data", {})
        return {name: value for name, value in cleaned.items() if value}

    @property
    def named(self) -> str | None:
        """The exact name that is asked for, if there is such a one in the log or a title of one."""
        if not hasattr(self, "_named"):
            self._named = self._find_named(self.active.get("name", ""))
        return self._named

    def _find_named(self, name: str) -> str | None:
        if not name or AuditEntry.objects.filter(name=name).exists():
            return name or None
        titled = MachineTemplate.objects.filter(title=name).values_list("slug", flat=True)
        return titled.first()

    def entries(self) -> QuerySet[AuditEntry]:
        """The entries that are asked for, in no order."""
        return AuditEntry.objects.filter(*self.conditions(self.active))

    def entries_within(self) -> QuerySet[AuditEntry]:
        """`entries` for what is already of one request that they are of: asks less, so is faster.

        A database might else go through all entries of a person for each request of theirs.
        """
        within = [name for name in self.active if name not in self.OF_WHO]
        return AuditEntry.objects.filter(*self.conditions(within))

    def conditions(self, fields: Any) -> Iterator[Q]:
        """The condition of each of these fields."""
        for name in fields:
            yield getattr(self, f"_of_{name}")(self.active[name])

    def _of_name(self, name: str) -> Q:
        return Q(name=self.named) if self.named else _has("name", name)

    def _of_kind(self, kind: str) -> Q:
        return Q(kind=kind)

    def _of_actor(self, actor: str) -> Q:
        if not hasattr(self, "_knows_actor"):
            self._knows_actor = AuditEntry.objects.filter(actor=actor).exists()
        return Q(actor=actor) if self._knows_actor else _has("actor", actor)

    def _of_change(self, change: str) -> Q:
        return ChangeKind(change).asked

    def _of_way(self, way: str) -> Q:
        return ~Q(way__in=(PAGE, ADMIN)) if way == COMMAND else Q(way=way)

    def _of_since(self, day: date) -> Q:
        return Q(at__gte=day.isoformat())  # times are text, and sort as they should

    def _of_until(self, day: date) -> Q:
        return Q() if day == date.max else Q(at__lt=(day + timedelta(days=1)).isoformat())

    def _of_text(self, text: str) -> Q:
        return _has("summary", text) | _has("message", text)

    def _of_request(self, request: str) -> Q:
        return Q(request=request)

    def told(self, name: str) -> str:
        """What one field asks for, in words."""
        field, value = self.fields[name], self.active[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices)[value])  # type: ignore[arg-type]
        return str(value)


def _has(field: str, text: str) -> Q:
    """Entries that have the text there, whatever its case.

    By a regular expression, which every database compares without the case of any letter; SQLite's
    own LIKE does so for the 26 English ones only.
    """
    return Q(**{f"{field}__iregex": re.escape(text)})
