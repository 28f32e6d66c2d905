"""Known drift: saying why something deployed may be otherwise for a while, and withdrawing that.

A decision changes no machine. It is not undone but followed by another one, so the history stays.
The audit log names the capability's current definition. A machine that is deployed and that nobody
here knows has no definition that an entry could name: its decisions are their own history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..auditing import Author, recorded
from ..machines.drift import Drift, Subject, named
from ..machines.sentences import count
from ..models import Capability, Kind, KnownDrift, newest_known
from .conflicts import ConflictError


@dataclass(frozen=True)
class ChosenDrift:
    """A drift as somebody saw it: its text, and the number of the decision, 0 for none."""

    subject: Subject
    seen: str
    newest: int


def decide(
    *,
    chosen: Sequence[ChosenDrift],
    there: Iterable[Drift],
    owner: str,
    reason: str,
    until: date | None,
    message: str = "",
    by: Author,
) -> list[KnownDrift]:
    """Have every chosen drift known until a day, or none of them. `there` is all drift of the dump.

    Raises ValidationError for what is not given, an until-date in the past, and a drift that is
    gone; ConflictError for a drift that is another one than was seen, and for one on which somebody
    else decided in the meantime.
    """
    said = KnownDrift(
        state=KnownDrift.State.KNOWN,
        owner=owner.strip(),
        reason=reason.strip(),
        until=until,
        decided_by=by.name,
    )
    with recorded("drift decided", definitions=_current(chosen), message=message, by=by) as record:
        _require_whole(said, chosen)
        _require_newest(chosen)
        by_subject = {each.subject: each for each in there}
        for each in chosen:
            found = by_subject.get(each.subject)
            if found is None:
                raise ValidationError(
                    f"{named(each.subject)} is as it should be: there is nothing to decide.",
                    code="no-such-drift",
                )
            if found.text != each.seen:
                raise ConflictError(f"The drift of {named(each.subject)}")
        rows = _written(said, chosen)
        told = f"known until {said.until}, owner {said.owner}: {said.reason}"
        record.summary = f"Decided on the drift of {_told(chosen)}: {told}"
    return rows


def withdraw(
    *, chosen: Sequence[ChosenDrift], reason: str = "", message: str = "", by: Author
) -> list[KnownDrift]:
    """Have every chosen drift unexplained again; what was decided stays in the history.

    Raises ValidationError where nothing is decided, and ConflictError where somebody else decided
    in the meantime.
    """
    said = KnownDrift(state=KnownDrift.State.WITHDRAWN, reason=reason.strip(), decided_by=by.name)
    with recorded(
        "drift withdrawn", definitions=_current(chosen), message=message, by=by
    ) as record:
        _require_chosen(chosen)
        _require_newest(chosen)
        holding = {each.subject for each in newest_known() if each.holds}
        for each in chosen:
            if each.subject not in holding:
                raise ValidationError(
                    f"Nothing is decided on {named(each.subject)}.", code="nothing-decided"
                )
        rows = _written(said, chosen)
        record.summary = f"Withdrew the decision on the drift of {_told(chosen)}"
    return rows


def _current(chosen: Iterable[ChosenDrift]) -> list[tuple[Capability, str]]:
    names = {each.subject[0] for each in chosen}
    return [(each, Kind.CURRENT) for each in Capability.objects.filter(name__in=names)]


def _require_chosen(chosen: Sequence[ChosenDrift]) -> None:
    if not chosen:
        raise ValidationError("Tick the drift that is meant.", code="nothing-chosen")


def _require_whole(said: KnownDrift, chosen: Sequence[ChosenDrift]) -> None:
    """Raise ValidationError, by field, for a decision that does not say what it has to."""
    _require_chosen(chosen)
    problems = {}
    if not said.owner:
        problems["owner"] = "Say who looks after it."
    if not said.reason:
        problems["reason"] = "Say why it is otherwise for now."
    if said.until is None:
        problems["until"] = "Say until when."
    elif said.until < timezone.now().date():
        problems["until"] = "This day has passed."
    if problems:
        raise ValidationError(problems)


def _require_newest(chosen: Iterable[ChosenDrift]) -> None:
    newest = {each.subject: each.number for each in newest_known()}
    for each in chosen:
        if newest.get(each.subject, 0) != each.newest:
            raise ConflictError(f"The decision on {named(each.subject)}")


def _written(said: KnownDrift, chosen: Iterable[ChosenDrift]) -> list[KnownDrift]:
    """A row for each. Raises ValidationError for a text that cannot be."""
    rows = []
    for each in chosen:
        name, key = each.subject
        row = KnownDrift(
            capability=name,
            source=key.source,
            event=key.event,
            state=said.state,
            owner=said.owner,
            reason=said.reason,
            until=said.until,
            about=each.seen,
            decided_by=said.decided_by,
        )
        row.clean_fields()
        row.save()
        rows.append(row)
    return rows


def _told(chosen: Sequence[ChosenDrift]) -> str:
    names = [named(each.subject) for each in chosen]
    return names[0] if len(names) == 1 else count(len(names), "place")
