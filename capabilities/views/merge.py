"""What somebody sees who saves late: both changes beside what they began with, and a choice."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import texts
from ..authoring.definitions import Seen
from ..machines.machine import Key, Machine
from ..machines.merging import ThreeWays, three_ways
from ..machines.notation import Note, Reading, read, render, render_with_notes
from ..models import AuditEntry, Capability, Kind
from .access import EDIT, needs
from .answers import page
from .editor import Loaded
from .writing import answer_write, entries_since, is_part, seen_of

TYPED = ("reason", "ticket", "message")


def base_of(request: HttpRequest, name: str, kind: str) -> Machine | None:
    """The machine that the person saw who posts, as the audit has it; None if it cannot be told."""
    seen = seen_of(request)
    if seen is None:
        return None
    if request.POST.get("version") == "0":  # an ideal that was the same as current
        kind = Kind.CURRENT
    entries = AuditEntry.objects.filter(
        subject=AuditEntry.Subject.DEFINITION, name=name, kind=kind, sequence__lte=seen
    )
    entry = entries.first()
    reading = read(entry.after) if entry else None
    return None if reading is None or reading.mistakes else Machine(reading.transitions)


def merge_panel(
    request: HttpRequest,
    loaded: Loaded,
    *,
    base: Machine,
    mine: Machine,
    typed: Mapping[str, str] | None = None,
    notes: Iterable[Note] = (),
    mine_at: Mapping[Key, bool] | None = None,
    status: int = 409,
    problems: Iterable[str] = (),
) -> HttpResponse:
    """Both changes, key by key, with a choice at each that is not the same everywhere."""
    rows = three_ways(base, loaded.machine, mine)
    differing = [row for row in rows if not row.is_same]
    seen = seen_of(request) or 0
    chosen = mine_at or {}
    context = {
        **loaded.frame,
        "title": f"{loaded.capability} {loaded.kind}: two changes",
        "rows": [(row, _field(row.key), chosen.get(row.key, row.takes_mine)) for row in differing],
        "same": len(rows) - len(differing),
        "is_reordered": _order(mine, base) != _order(base, mine),
        "conflict_entries": entries_since(request, loaded.capability.name, loaded.kind),
        "base_text": render(base),
        "mine_text": render_with_notes(mine, notes),
        "base_seen": seen,
        "typed": {name: (typed or {}).get(name, "") for name in TYPED},
        "problems": problems,
    }
    template = "editor/_merge.html" if is_part(request) else "editor/merge.html"
    return page(request, template, context, status=status)


def _field(key: Key) -> str:
    return f"choice-{urlencode(key._asdict())}"


def _order(machine: Machine, other: Machine) -> list[Key]:
    return [key for key in machine.by_key if key in other.by_key]


@needs(EDIT)
@require_POST
def merge(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Save the choice; again the panel when somebody was faster once more."""
    capability = get_object_or_404(Capability, name=name)
    base, mine = (read(request.POST.get(side, "")) for side in ("base", "mine"))
    typed = {each: request.POST.get(each, "").strip() for each in TYPED}
    can_join = not (base.mistakes or mine.mistakes) and seen_of(request) is not None

    def chosen(theirs: Machine) -> dict[Key, bool]:
        rows: tuple[ThreeWays, ...] = three_ways(_machine(base), theirs, _machine(mine))
        posted = {row.key: request.POST.get(_field(row.key)) for row in rows}
        return {key: value == "mine" for key, value in posted.items() if value}

    def write(version: int) -> str:
        if not can_join:
            raise ValidationError("The form did not say what is to be joined; begin again.")
        saved = texts.merge(
            definition=Seen(capability, kind, version),
            mine=_machine(mine),
            mine_at=chosen(Loaded(capability, kind).machine),
            notes=mine.notes,
            by=Author.of(request),
            **typed,
        )
        return f"Joined both changes of {saved}."

    def show(**more: object) -> HttpResponse:
        loaded = Loaded(capability, kind)
        if can_join and ("conflict" in more or "problems" in more) and more["status"] != 428:
            return merge_panel(
                request,
                loaded,
                base=_machine(base),
                mine=_machine(mine),
                typed=typed,
                notes=mine.notes,
                mine_at=chosen(loaded.machine),
                status=int(str(more["status"])),
                problems=more.get("problems", ()),  # type: ignore[arg-type]
            )
        return loaded.answer(request, **more)  # type: ignore[arg-type]

    return answer_write(request, write, show=show, page_url=Loaded(capability, kind).frame["url"])


def _machine(reading: Reading) -> Machine:
    return Machine(reading.transitions)
