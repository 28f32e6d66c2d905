"""Importing a page, a fixture or rows: the plan first, then all of it or nothing.

The plan *is* the import, run in a transaction that is rolled back: so it says exactly what will be
done.
"""

from collections.abc import Callable
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ..auditing import Author, Effect, Record, locked_head, recorded
from ..deployment import fixtures, row_pages
from ..deployment.mapping import configured
from ..machines.diff import diff
from ..machines.notation import Mistake, parse
from ..machines.page import Page, parse_page
from ..models import Shelf
from . import fixture_rows, terms
from .pages import PageImport
from .plans import LOG, READING, Layers, Plan, Planned, Watch, unwatched


class ImportRefusedError(ValueError):
    """A text has mistakes; nothing of it was imported. `plan.mistakes` are all of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("\n".join(str(mistake) for mistake in plan.mistakes))


class PlanOutdatedError(Exception):
    """Something was written since the plan was made; `plan` is the new one."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("The machines were changed by somebody else since this plan was made.")


def plan(*, text: str, source: str = "", watch: Watch = unwatched, by: Author) -> Plan:
    """Say what importing `text` would do, and do nothing. Mistakes are in the plan."""
    try:
        return _run(text, source, "", watch, by, undo=True)
    except ImportRefusedError as refused:
        return refused.plan


def run(
    *,
    text: str,
    source: str = "",
    head: int | None = None,
    watch: Watch = unwatched,
    message: str = "",
    by: Author,
) -> Plan:
    """Import a page, a fixture or rows, all of it or nothing, and return what was done.

    `source` says where the text is from. `head` is the plan's, if somebody saw one. `watch` may end
    it by raising, as long as it is called. Raises ImportRefusedError when the text has mistakes,
    and PlanOutdatedError when anything was written since the plan was made.
    """
    return _run(text, source, message, watch, by, head=head, undo=False)


def _run(
    text: str,
    source: str,
    message: str,
    watch: Watch,
    by: Author,
    *,
    head: int | None = None,
    undo: bool,
) -> Plan:
    """Do it; with `undo`, roll back what was done, the audit entries included.

    The text is read before anything is locked: a long one takes seconds.
    """
    watch(READING, 0, 0)
    work, made = _read(text, watch)
    if made.mistakes:
        raise ImportRefusedError(made)
    try:
        with transaction.atomic():
            if head is not None and locked_head().sequence != head:
                raise PlanOutdatedError(plan(text=text, source=source, watch=watch, by=by))
            terms.register_published(by=by)
            with recorded("imported", everything=True, message=message, by=by) as record:
                record.summary = f"Imported {source or 'a page'}"
                layers = work(record, made)
                watch(LOG, 0, 0)
            watch(LOG, 0, 0)  # the last time that it can be ended
            made.head = record.head
            written = [_planned(effect, layers) for effect in record.effects]
            names = {each.title for each in written}
            # What is said to be unchanged may have changed through its machine template.
            made.planned = [*written, *(each for each in made.planned if each.title not in names)]
            made.planned.sort(key=lambda each: (each.subject, each.name, each.kind))
            if undo:
                transaction.set_rollback(True)
    except fixtures.FixtureError as error:
        made.mistakes = error.mistakes
        raise ImportRefusedError(made) from error
    except (ValidationError, IntegrityError) as error:
        told = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        made.mistakes = [Mistake(1, 1, "refused", told, "")]
        raise ImportRefusedError(made) from error
    return made


Work = Callable[[Record, Plan], Layers]


def _read(text: str, watch: Watch) -> tuple[Work, Plan]:
    """What is to be done with a text, and the plan as far as reading it tells."""
    if fixtures.is_fixture(text):
        try:
            found = fixtures.load(text)
        except fixtures.FixtureError as error:
            return _nothing, Plan(mistakes=error.mistakes)
        return (lambda record, made: fixture_rows.write(found, record, made, watch)), Plan()
    if row_pages.is_rows(text):
        try:
            rows = row_pages.load(text, configured())
        except row_pages.RowsError as error:
            return _nothing, Plan(mistakes=error.mistakes)
        return (lambda record, made: _write_rows(rows, record, made, watch)), Plan(
            warnings=list(rows.ignored)
        )
    if problem := row_pages.csv_problem(text, configured()):
        return _nothing, Plan(mistakes=[Mistake(1, 1, "csv", problem, text.split("\n")[0])])
    page = read_page(text)
    return PageImport(page, watch).write, Plan(ignored=page.ignored, mistakes=page.mistakes)


def _write_rows(rows: row_pages.DeployedRows, record: Record, plan: Plan, watch: Watch) -> Layers:
    page, warnings = rows.as_page(Shelf())
    plan.warnings += warnings
    return PageImport(page, watch).write(record, plan)


def read_page(text: str) -> Page:
    """Read a page as an import does: that there is no machine on it is a mistake too."""
    page = parse_page(text)
    if page.mistakes or page.machines or page.templates:
        return page
    expected = "expected a capability's name on a line of its own, and its machine below it"
    nothing = Mistake(1, 1, "no-machines", f"no machine is found; {expected}", text[:200])
    return replace(page, mistakes=(nothing,))


def _nothing(record: Record, plan: Plan) -> Layers:
    return {}


def _planned(effect: Effect, layers: Layers) -> Planned:
    before, after = parse(effect.before or ""), parse(effect.after or "")
    differences = diff(before, after)
    word = "changed" if differences else "unchanged"
    if effect.before is None:
        word = "new"
    elif effect.after is None:
        word = "removed"
    subject = (effect.subject, effect.name, effect.kind)
    through = "changed through its machine template" if word == "changed" else ""
    made_of = layers.get(subject, through)
    return Planned(*subject, word, made_of, differences if word == "changed" else ())
