"""Every question on one page: kept to some of them, answered in place."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from ..auditing import Author
from ..deployment.csv_cells import guarded
from ..forms import AnswerForm
from ..machines.machine import Machine
from ..models import Fleet, Note
from ..models.questions import Asked, questions
from .access import EDIT, EDIT_TEMPLATES, SEE, may, needs, needs_one_of
from .answers import dated, download, page
from .notes import take_answer
from .writing import CHANGED, is_part, tell_written, undo_offer

PER_PAGE = 50
MOST_SAME = 5
"""Places of the same text that a question names; the rest is found by its text."""
MOST_CHOICES = 12
"""Links of one kind that the list is kept to some questions by; the rest is found by its text."""

OPEN, ANSWERED = "open", "answered"
NAMES = ("show", "owner", "ticket", "on", "q", "page")
"""What may stand in the query."""


@dataclass(frozen=True)
class Wanted:
    """Which questions a request is about: those with each of `values`, any where it is None."""

    values: dict[str, str | None]
    text: str

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        values = {name: query.get(name) for name in ("show", "owner", "ticket", "on")}
        return cls(values, query.get("q", "").strip())

    def has(self, note: Note, *, but: str = "") -> bool:
        """Whether a question is among them; with `but`, whatever it has of that."""
        found = {"show": show_of, "owner": owner_of, "ticket": ticket_of, "on": on_of}
        for name, wanted in self.values.items():
            if name != but and wanted is not None and found[name](note) != wanted:
                return False
        said = "\n".join(
            (note.text, note.answer, name_of(note), note.place, note.ticket, note.owner)
        )
        return self.text.casefold() in said.casefold()

    @property
    def in_url(self) -> dict[str, str]:
        chosen = {name: value for name, value in self.values.items() if value is not None}
        return {**chosen, **({"q": self.text} if self.text else {})}


def show_of(note: Note) -> str:
    return OPEN if note.is_open else ANSWERED


def owner_of(note: Note) -> str:
    return note.owner


def ticket_of(note: Note) -> str:
    return note.ticket


def on_of(note: Note) -> str:
    """What a question is on, as it stands in an address."""
    return f"capability:{note.capability}" if note.capability else f"template:{slug_of(note)}"


def name_of(note: Note) -> str:
    """What a question is on, as a person says it."""
    return f"{note.capability} {note.kind}" if note.capability else str(note.machine_template)


def slug_of(note: Note) -> str:
    return note.machine_template.slug if note.machine_template else ""


@dataclass(frozen=True)
class Shown:
    """A question as the list shows it: where it stands, and the same text elsewhere."""

    note: Note
    name: str
    url: str
    place_url: str
    same: list[tuple[Note, str, str]]
    more_same: int
    same_url: str
    action: str
    may_write: bool
    form: AnswerForm | None
    is_new: bool = False


@dataclass
class Listed:
    """The list for one request. `refused` is a form that is to be mended."""

    request: HttpRequest
    refused: tuple[Note, AnswerForm] | None = None
    written: Note | None = None
    wanted: Wanted = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = Wanted.of(self.request.GET)
        self.all = questions()
        self.found = [each for each in self.all if self.wanted.has(each.note)]

    @property
    def context(self) -> dict[str, Any]:
        paginator = Paginator(self.found, PER_PAGE)
        asked = paginator.get_page(self.request.GET.get("page"))
        shown = list(asked)
        if self.refused and self.refused[0] not in [each.note for each in shown]:
            # What was typed stays, whatever became of the question.
            shown = [*(each for each in self.all if each.note == self.refused[0]), *shown]
        counts = Counter(show_of(each.note) for each in self.found)
        rows = Rows(shown)
        return {
            "title": "Questions",
            "questions": [self._shown(each, rows) for each in shown],
            "pages": asked,
            "previous": self._page_url(asked.number - 1) if asked.has_previous() else "",
            "next": self._page_url(asked.number + 1) if asked.has_next() else "",
            "counts": {"open": counts[OPEN], "answered": counts[ANSWERED]},
            "is_any": bool(self.all),
            "wanted": self.wanted.in_url,
            "query": urlencode(self.wanted.in_url),
            "q": self.wanted.text,
            "shows": self._links("show", show_of, lambda note: show_of(note), "open and answered"),
            "owners": self._links(
                "owner", owner_of, lambda note: note.owner or "nobody", "anybody"
            ),
            "tickets": self._links(
                "ticket", ticket_of, lambda note: note.ticket or "no ticket", "any ticket"
            ),
            "machines": self._links("on", on_of, _called, "anywhere"),
        }

    def _links(
        self, name: str, of: Callable[[Note], str], told: Callable[[Note], str], any_label: str
    ) -> list[dict[str, Any]]:
        """What the list can be kept to, each with how many there are then; the most first."""
        fitting = [each.note for each in self.all if self.wanted.has(each.note, but=name)]
        counts = Counter(of(note) for note in fitting)
        labels = {of(note): told(note) for note in fitting}
        here = self.wanted.values[name]
        shown = [value for value, _ in counts.most_common(MOST_CHOICES)]
        if here is not None and here not in shown:
            shown.append(here)
            labels.setdefault(here, here)
        rest = {key: value for key, value in self.wanted.in_url.items() if key != name}
        links = [
            {
                "label": labels[value],
                "count": counts[value],
                "url": f"?{urlencode({**rest, name: value})}",
                "is_here": here == value,
            }
            for value in shown
        ]
        everything = {
            "label": any_label,
            "count": len(fitting),
            "url": f"?{urlencode(rest)}",
            "is_here": here is None,
        }
        return [everything, *links] if len(links) > 1 or here is not None else []

    def _page_url(self, number: int) -> str:
        return f"?{urlencode({**self.wanted.in_url, 'page': number})}"

    def _shown(self, asked: Asked, rows: "Rows") -> Shown:
        note = asked.note
        form = AnswerForm(note=note) if note.is_open else None
        if self.refused and self.refused[0] == note:
            form = self.refused[1]
        action = f"{reverse('capabilities:question', args=[note.pk])}{_query_of(self.request)}"
        return Shown(
            note,
            name_of(note),
            rows.url(note),
            rows.place_url(note),
            [(each, name_of(each), rows.place_url(each)) for each in asked.same[:MOST_SAME]],
            max(0, len(asked.same) - MOST_SAME),
            f"?{urlencode({'q': note.text})}",
            action,
            may_answer(self.request, note),
            form,
            note == self.written,
        )


class Rows:
    """Where the places of questions are on their pages, in a number of queries that never grows."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self.notes = [note for each in asked for note in (each.note, *each.same[:MOST_SAME])]

    @cached_property
    def fleet(self) -> Fleet:
        return Fleet({note.capability.name for note in self.notes if note.capability})

    def url(self, note: Note) -> str:
        """The page of the machine that a question is on."""
        if note.capability:
            return reverse("capabilities:editor", args=[note.capability.name, note.kind])
        return reverse("capabilities:machine-template", args=[slug_of(note)])

    def place_url(self, note: Note) -> str:
        """The row of the transition, or the first one of the state; else the note on that page."""
        row = note.row_in(self._machine(note))
        return f"{self.url(note)}#{f'row-{row}' if row else f'noted-{note.pk}'}"

    def _machine(self, note: Note) -> Machine:
        if note.capability:
            return self.fleet.machine(note.capability.name, note.kind)
        return self.fleet.shelf.machine(note.machine_template_id or 0)


def _called(note: Note) -> str:
    return note.capability.name if note.capability else f"machine template {name_of(note)}"


def may_answer(request: HttpRequest, note: Note) -> bool:
    """Whether a person may answer a question: whoever may write notes where it stands."""
    return may(request.user, EDIT if note.capability_id else EDIT_TEMPLATES)


@needs(SEE)
@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """Every question; `?show=open|answered`, `?owner=`, `?ticket=`, `?on=` and `?q=` keep some."""
    part = request.headers.get("HX-Target") == "questions"
    template = "questions/_list.html" if part else "questions/list.html"
    return page(request, template, Listed(request).context)


@needs(SEE)
@needs_one_of(EDIT, EDIT_TEMPLATES)
@require_POST
def answer_question(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer a question, or open it again, as `verb` says; the query says which list is shown."""
    notes = Note.objects.select_related("capability", "machine_template")
    note = get_object_or_404(notes, pk=pk, is_question=True)
    if not may_answer(request, note):
        raise PermissionDenied
    form = AnswerForm(request.POST, note=note)

    def written(told: str) -> HttpResponseBase:
        if not is_part(request):
            tell_written(request, told)
            url = f"{reverse('capabilities:questions')}{_query_of(request)}"
            return redirect(f"{url}#question-{note.pk}")
        more = {"told": told, "undo": undo_offer(Author.of(request).request)}
        context = {**Listed(request, written=note).context, **more}
        return trigger_client_event(page(request, "questions/_list.html", context), CHANGED)

    def refused(status: int) -> HttpResponseBase:
        context = Listed(request, refused=(note, form)).context
        template = "questions/_list.html" if is_part(request) else "questions/list.html"
        return page(request, template, context, status=status)

    return take_answer(request, note, form, written, refused)


def _query_of(request: HttpRequest) -> str:
    """The query that says which list is shown, to be shown again."""
    kept = {name: request.GET[name] for name in NAMES if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


@needs(SEE)
@require_safe
def questions_file(request: HttpRequest) -> HttpResponse:
    """The same questions as the list has, all pages of it, as CSV for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for asked in Listed(request).found:
        note = asked.note
        writer.writerow(
            guarded(each)
            for each in (
                show_of(note),
                name_of(note),
                note.place,
                note.ticket,
                note.owner,
                note.text,
                note.answer,
                note.answered_by,
                note.value.answered_at,
            )
        )
    return download(text.getvalue(), content_type="text/csv", name=dated("questions", "csv"))


COLUMNS = (
    *("State", "On", "At", "Ticket", "Owner"),
    *("Question", "Answer", "Answered by", "Answered at"),
)
