"""The log: what was changed, by whom, when; all that one request did as one item."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..forms import LogForm
from ..forms.comparing import AFTER, ENTRY, Asked
from ..models import AuditEntry, Capability, MachineTemplate
from .access import SEE_LOG, needs
from .answers import page
from .writing import SEQUENCE_DIGITS

PER_PAGE = 50
FEW = 5  # machines of a request that are named at once
MOST = 25  # those that are there when it is opened; a page of their own has all
_OFFERED = 500  # names that a field offers
_TEXTS = ("before", "after", "made_of")


@dataclass
class Change:
    """What one write of a request did: an entry for each machine that it touched."""

    entries: list[AuditEntry]

    @property
    def first(self) -> AuditEntry:
        """The machine that the write named comes first."""
        return self.entries[0]

    @property
    def few(self) -> list[AuditEntry]:
        return self.entries[:FEW]

    @property
    def more(self) -> list[AuditEntry]:
        return self.entries[FEW:]


@dataclass
class Item:
    """All that one request did, as far as it is asked for, the newest entry being `newest`.

    `left` entries are not in `changes`, for there are too many; `others` are not asked for.
    """

    newest: AuditEntry
    changes: list[Change] = field(default_factory=list)
    left: int = 0
    others: int = 0

    @property
    def day(self) -> str:
        return self.newest.at[:10]

    @property
    def request_url(self) -> str:
        return f"{reverse('capabilities:log')}?request={self.newest.request}"


@dataclass(frozen=True)
class Active:
    """One thing that is asked for, in words, and the log without it."""

    label: str
    told: str
    url: str


@dataclass(frozen=True)
class Listed:
    """One page of the log: items, or else entries one by one; the newest first."""

    items: Sequence[Item]
    older: int | None
    newer: int | None

    @property
    def entries(self) -> list[AuditEntry]:
        return [item.newest for item in self.items]


class LogList:
    """What is asked for of the log, page by page."""

    def __init__(self, form: LogForm) -> None:
        self.form = form

    @cached_property
    def is_flat(self) -> bool:
        """Whether it is entries one by one: those of one machine, or of one request."""
        return bool(self.form.active.get("request") or self.form.named)

    def listed(self, *, before: int | None = None, after: int | None = None) -> Listed:
        """The page that ends before an entry, or the one that begins after it; else the newest.

        An item's place is that of its newest entry, so no request is on two pages.
        """
        heads = self._heads().defer(*_TEXTS)
        if after is not None:
            upwards = list(heads.filter(sequence__gt=after).order_by("sequence")[: PER_PAGE + 1])
            if len(upwards) <= PER_PAGE:
                return self.listed()
            shown = upwards[:PER_PAGE][::-1]
            return self._page(shown, has_older=True, has_newer=True)
        if before is not None:
            heads = heads.filter(sequence__lt=before)
        shown = list(heads.order_by("-sequence")[: PER_PAGE + 1])
        has_older = len(shown) > PER_PAGE
        return self._page(shown[:PER_PAGE], has_older=has_older, has_newer=before is not None)

    def _heads(self) -> QuerySet[AuditEntry]:
        """The newest entry of each request, among those that are asked for."""
        entries = self.form.entries()
        if self.is_flat:
            return entries
        later = self.form.entries_within().filter(
            request=OuterRef("request"), sequence__gt=OuterRef("sequence")
        )
        return entries.filter(~Exists(later))

    def _page(self, shown: list[AuditEntry], *, has_older: bool, has_newer: bool) -> Listed:
        items = self._as_entries(shown) if self.is_flat else self._as_items(shown)
        older = shown[-1].sequence if has_older else None
        return Listed(items, older, shown[0].sequence if has_newer and shown else None)

    def _as_entries(self, shown: list[AuditEntry]) -> list[Item]:
        in_all = {} if self.form.active.get("request") else _in_all(shown)
        return [
            Item(each, [Change([each])], others=in_all.get(each.request, 1) - 1) for each in shown
        ]

    def _as_items(self, shown: list[AuditEntry]) -> list[Item]:
        items = {each.request: Item(each) for each in shown}
        asked = self.form.entries().filter(request__in=items).defer(*_TEXTS)
        counted = asked.annotate(
            place=Window(RowNumber(), partition_by=F("request"), order_by=F("sequence").asc()),
            total=Window(Count("*"), partition_by=F("request")),
        )
        in_all = _in_all(shown) if self.form.active else {}
        for entry in counted.filter(place__lte=MOST).order_by("sequence"):
            item = items[entry.request]
            _add(item.changes, entry)
            item.left = max(entry.total - MOST, 0)
            item.others = in_all.get(entry.request, entry.total) - entry.total
        return list(items.values())


def _add(changes: list[Change], entry: AuditEntry) -> None:
    """Put an entry to those of the same write, which say the same."""
    last = changes[-1].first if changes else None
    if last and (last.summary, last.message) == (entry.summary, entry.message):
        changes[-1].entries.append(entry)
    else:
        changes.append(Change([entry]))


def _in_all(shown: Iterable[AuditEntry]) -> dict[str, int]:
    """How many entries each request has, whatever is asked for."""
    entries = AuditEntry.objects.filter(request__in={each.request for each in shown}).order_by()
    return dict(entries.values_list("request").annotate(Count("sequence")))


@needs(SEE_LOG)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The newest first; `?before=` and `?after=` go on from an entry, whatever was added since."""
    return log_page(request, LogForm(request.GET))


def log_page(request: HttpRequest, form: LogForm, *, status: int = 200) -> HttpResponse:
    """The page of what `form` asks for; what could not be understood is told at its field."""
    asked = LogList(form)
    before, after = (_sequence(request.GET.get(name, "")) for name in ("before", "after"))
    listed = asked.listed(before=before, after=after)
    query = _query(request.GET)
    chosen = _chosen(request, listed.items)
    is_compared = bool(form.named and listed.items[0 if chosen else 1 :])
    context = {
        "title": "Log",
        "form": form,
        "active": [
            Active(_label(form, name), form.told(name), _without(query, name))
            for name in form.active
        ],
        "is_flat": asked.is_flat,
        "listed": listed,
        "older": _link(query, before=listed.older),
        "newer": _link(query, after=listed.newer),
        "newest": _link(query) if listed.newer or before is not None else "",
        "query": query.urlencode(),
        "chosen": chosen,
        "rows": _compared(request, listed.items) if is_compared else listed.items,
        "compare": reverse("capabilities:compare") if is_compared else "",
        "names": _names(),
        "people": get_user_model().objects.filter(is_staff=True)[:_OFFERED],
    }
    return page(request, "log/list.html", context, status=status)


def _sequence(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) <= SEQUENCE_DIGITS else None


def _query(typed: QueryDict) -> QueryDict:
    """What is asked for as it stands in an address, without the place in the log."""
    query = QueryDict(mutable=True)
    for name in (*LogForm.base_fields, "new"):
        if value := typed.get(name, ""):
            query[name] = value
    return query


def _link(query: QueryDict, **more: int | None) -> str:
    if None in more.values():
        return ""
    asked = query.copy()
    for name, value in more.items():
        asked[name] = str(value)
    return f"?{asked.urlencode()}"


def _without(query: QueryDict, name: str) -> str:
    asked = query.copy()
    asked.pop(name, None)
    return f"?{asked.urlencode()}"


def _label(form: LogForm, name: str) -> str:
    return "Request" if name == "request" else str(form[name].label)


def _names() -> list[str]:
    capabilities = Capability.objects.values_list("name", flat=True)[:_OFFERED]
    return [*capabilities, *MachineTemplate.objects.values_list("title", flat=True)[:_OFFERED]]


def _chosen(request: HttpRequest, items: Sequence[Item]) -> int | None:
    """The entry that was chosen on another page, to be compared with one of this one."""
    asked = request.GET.get("new", "").removeprefix("entry/").removesuffix("/after")
    sequence = _sequence(asked)
    return None if sequence in {item.newest.sequence for item in items} else sequence


def _compared(request: HttpRequest, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Each entry with its two choices: at first the newest two, or the one that was asked for."""
    sides = [Asked(ENTRY, str(item.newest.sequence), AFTER).link for item in items]
    chosen = request.GET.get("new", "")
    elsewhere = _chosen(request, items) is not None
    new = sides.index(chosen) if chosen in sides else 0
    old = 0 if elsewhere else new + 1 if new + 1 < len(sides) else new - 1
    return [
        {
            "item": item,
            "side": side,
            "is_new": index == new and not elsewhere,
            "is_old": index == old,
        }
        for index, (item, side) in enumerate(zip(items, sides, strict=True))
    ]
