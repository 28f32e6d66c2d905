"""The audit: current against ideal for all capabilities, as a page and as files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..deployment.audits import FORMATS, verdict_of
from ..machines.checks import Finding
from ..machines.matrix import MEANINGS, Cell, Group, Treatment, cells, columns
from ..machines.matrix import SIGNS as CELL_SIGNS
from ..machines.narrowing import Filter, Narrowing, Offer, offers
from ..machines.notation import Note
from ..machines.sentences import difference_sentences
from ..machines.survey import Side, Surveyed, Total, everywhere, totals
from ..models import progress, survey
from .access import SEE, SEE_LOG, needs
from .answers import dated, download, page
from .charts import chart
from .deviations import today

Offered = Sequence[tuple[Filter, Sequence[Offer]]]

PER_PAGE = 100

MOST_COLUMNS = 40
"""Keys that the matrix has at first, the commonest ones."""

FOLDED = 8
"""Sentences on one capability that are shown at once; more are folded."""


@dataclass(frozen=True)
class Link:
    """Something to choose, and whether it is chosen."""

    label: str
    url: str
    count: int = 0
    is_here: bool = False


@dataclass(frozen=True)
class Line:
    """One machine's line of the matrix: each cell, and the address of its row."""

    name: str
    kind: str
    cells: Sequence[tuple[Cell, str]]


@dataclass(frozen=True)
class Told:
    """What a check says, and the rows that it is about, by the kind of the machine."""

    message: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One capability, as the page shows it."""

    surveyed: Surveyed
    verdict: str
    sentences: Sequence[tuple[str, str]]
    findings: Sequence[tuple[Any, Sequence[Told]]]
    questions: Sequence[tuple[str, str, Note]]
    """Each open question with the kind of machine that it is on, and its address there."""

    @property
    def is_folded(self) -> bool:
        return len(self.sentences) > FOLDED


@needs(SEE)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """All capabilities; each filter and `q` narrows them, `?columns=all` widens the matrix."""
    surveyed = survey(today())
    narrowing = Narrowing.of(request.GET)
    kept, offered = narrowing.of_all(surveyed), offers(surveyed, narrowing)
    shown = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    treated = [side.treatments for each in kept for side in each.sides]
    all_columns = request.GET.get("columns") == "all"
    groups = columns(treated, most=None if all_columns else MOST_COLUMNS)
    keys = {key for each in treated for key in each}
    wide = {"columns": "all"} if all_columns else {}
    context = {
        "title": "Audit",
        "q": narrowing.q,
        "chosen": narrowing.chosen,
        "query": urlencode(narrowing.asked),
        "page_query": urlencode({**narrowing.asked, **wide}),
        "any": bool(surveyed),
        "number": len(surveyed),
        "totals": [_total(each) for each in totals(surveyed)],
        "everywhere": [
            Link(each.message, _url({"code": each.code})) for each in everywhere(surveyed)
        ],
        "filters": _filters(offered, narrowing),
        "active": _active(offered, narrowing),
        "shown": shown,
        "capabilities": [_shown(each) for each in shown],
        "decided": any(each.decided for each in shown),
        "asked": any(each.questions for each in shown),
        "groups": groups,
        "lines": [line for each in shown for line in _lines(each, groups)],
        "left_out": len(keys) - sum(len(group.columns) for group in groups),
        "all_columns_url": _url({**narrowing.asked, "columns": "all"}),
        "legend": [(CELL_SIGNS[each], each, MEANINGS[each]) for each in Treatment],
    }
    part = request.headers.get("HX-Target") == "audit"
    return page(request, "audit/_audit.html" if part else "audit/audit.html", context)


@needs(SEE)
@require_safe
def audit_file(request: HttpRequest, name: str) -> HttpResponse:
    """The same as a file, narrowed by the same filters."""
    narrowing = Narrowing.of(request.GET)
    form = FORMATS[name]
    text = form.write(narrowing.of_all(survey(today())), narrowing)
    return download(text, content_type=form.content_type, name=dated("audit", form.suffix))


@needs(SEE, SEE_LOG)
@require_safe
def progress_over_time(request: HttpRequest) -> HttpResponse:
    """How far current was from ideal at the end of each of the last periods; for htmx a part."""
    found = progress(timezone.now())
    labels = [each.label for each in found.points]
    context = {
        "title": "Progress",
        "progress": found,
        "charts": [
            chart("Differences", labels, [each.differences for each in found.points]),
            chart("Capabilities that differ", labels, [each.capabilities for each in found.points]),
        ],
    }
    part = request.headers.get("HX-Request")
    return page(request, "audit/_progress.html" if part else "audit/progress.html", context)


def _url(asked: Mapping[str, str]) -> str:
    return f"{reverse('capabilities:audit')}{f'?{urlencode(asked)}' if asked else ''}"


def _total(total: Total) -> dict[str, Any]:
    """A number in words and its link: to what it counts, among all capabilities."""
    url = _url({total.filter: total.value} if total.filter else {})
    return {"text": total.text, "url": url, "parts": [_total(each) for each in total.parts]}


def _filters(offered: Offered, narrowing: Narrowing) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "title": each.title,
            "links": [
                Link(
                    offer.label,
                    _url(narrowing.having(each.name, "" if offer.chosen else offer.value)),
                    offer.count,
                    offer.chosen,
                )
                for offer in found
            ],
        }
        for each, found in offered
    ]


def _active(offered: Offered, narrowing: Narrowing) -> list[Link]:
    """What narrows the page, each with the address of the page without it."""
    found = [
        Link(f"{each.title}: {offer.label}", _url(narrowing.having(each.name, "")))
        for each, offers_of_it in offered
        for offer in offers_of_it
        if offer.chosen
    ]
    if narrowing.q:
        found.append(Link(f"Name: {narrowing.q}", _url(narrowing.chosen)))
    return found


def _editor(name: str, kind: str) -> str:
    return reverse("capabilities:editor", args=[name, kind])


def _shown(each: Surveyed) -> Shown:
    return Shown(
        surveyed=each,
        verdict=verdict_of(each),
        sentences=[
            (difference.sign, sentence)
            for difference in each.differences
            for sentence in difference_sentences(difference)
        ],
        findings=[(group, _told(each.name, group.findings)) for group in each.groups],
        questions=[
            (kind, f"{_editor(each.name, kind)}#notes", note) for kind, note in each.questions
        ],
    )


def _told(name: str, findings: Iterable[tuple[Side, Finding]]) -> list[Told]:
    """What findings say, once for both machines where it is the same."""
    by_message: dict[str, list[tuple[str, str]]] = {}
    for side, finding in findings:
        place = list(side.machine.by_key).index(finding.key) + 1 if finding.key else 0
        anchor = f"#row-{place}" if place else "#findings"
        by_message.setdefault(finding.message, []).append(
            (side.kind, f"{_editor(name, side.kind)}{anchor}")
        )
    return [Told(message, rows) for message, rows in by_message.items()]


def _lines(each: Surveyed, groups: Sequence[Group]) -> list[Line]:
    different = {difference.key for difference in each.differences}
    lines = []
    for side in each.sides:
        places = {key: place for place, key in enumerate(side.machine.by_key, start=1)}
        url = _editor(each.name, side.kind)
        found = [
            (cell, f"{url}{anchor}" if (anchor := _anchor(cell, side, places)) else "")
            for cell in cells(side.treatments, groups, different=different)
        ]
        kind = "current = ideal" if each.ideal is None else side.kind
        lines.append(Line(each.name, kind, found))
    return lines


def _anchor(cell: Cell, side: Side, places: Mapping[Any, int]) -> str:
    """Where the editor shows the row of a cell, "" where it has none."""
    if cell.key in places:
        return f"#row-{places[cell.key]}"
    ghost = side.ghosts.get(cell.key)
    return f"#row-ghost-{ghost}" if ghost else ""
