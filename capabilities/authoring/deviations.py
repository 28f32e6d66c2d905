"""Deviations: deciding on differences from current to ideal, and withdrawing what was decided.

A decision changes no machine. It is not undone but followed by another one, so the history stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..auditing import Author, recorded
from ..machines.deviations import About, Decision, Says
from ..machines.diff import Difference, diff
from ..machines.machine import Key
from ..machines.sentences import count
from ..models import Capability, Deviation, Fleet, Kind, Note, newest_decisions
from .conflicts import ConflictError


@dataclass(frozen=True)
class Chosen:
    """A difference as somebody saw it.

    `seen` is its text, `newest` the number of the decision that counted, 0 for none. None: whatever
    was decided meanwhile, it is decided anew.
    """

    capability: Capability
    key: Key
    seen: str
    newest: int | None = None


def decide(
    *,
    capability: Capability,
    key: Key,
    seen: str,
    newest: int | None = None,
    state: str,
    owner: str,
    ticket: str = "",
    reason: str = "",
    until: date | None = None,
    question: Note | None = None,
    message: str = "",
    by: Author,
) -> Deviation:
    """Decide on one difference; see `decide_each`."""
    (decided,) = decide_each(
        chosen=[Chosen(capability, key, seen, newest)],
        state=state,
        owner=owner,
        ticket=ticket,
        reason=reason,
        until=until,
        question=question,
        message=message,
        by=by,
    )
    return decided


def decide_each(
    *,
    chosen: Sequence[Chosen],
    state: str,
    owner: str,
    ticket: str = "",
    reason: str = "",
    until: date | None = None,
    question: Note | None = None,
    message: str = "",
    by: Author,
) -> list[Deviation]:
    """Decide the same on every chosen difference, of one capability or of many, or on none.

    Planned needs a ticket, accepted a reason and an until-date, blocked a question that is a note
    on one of the capabilities, each of them an owner. Raises ValidationError for what is not given,
    an until-date in the past, and a difference that is gone; ConflictError for a difference that is
    another one than was seen, and for one on which somebody else decided in the meantime.
    """
    said = Deviation(
        state=state,
        owner=owner.strip(),
        ticket=ticket.strip(),
        reason=reason.strip(),
        until=until,
        question=question,
        question_text=question.text if question else "",
        decided_by=by.name,
    )
    owners = list({each.capability.pk: each.capability for each in chosen}.values())
    with recorded("decided", definitions=_ideals(owners), message=message, by=by) as record:
        _require_whole(said, owners)
        _require_as_seen(chosen, differences := _differences(owners))
        decided = []
        for each in chosen:
            about = About.of(differences[each.capability.pk, each.key])
            decided.append(_row(said, each.capability, each.key, about, record.head))
        Deviation.objects.bulk_create(decided)
        record.summary = f"Decided on {_told(decided)}: {_saying(said)}"
    return decided


def withdraw(
    *,
    capability: Capability,
    key: Key,
    newest: int | None = None,
    reason: str = "",
    message: str = "",
    by: Author,
) -> Deviation:
    """Have a difference unexplained again; what was decided stays in the history.

    Raises ValidationError when nothing is decided there, and ConflictError when somebody else
    decided in the meantime.
    """
    with recorded("withdrawn", definitions=_ideals([capability]), message=message, by=by) as record:
        found = _newest([capability]).get((capability.pk, key))
        _require_newest(key, found, newest)
        if found is None or found.says is Says.WITHDRAWN:
            raise ValidationError(f"Nothing is decided on {key}.", code="nothing-decided")
        said = Deviation(state=Says.WITHDRAWN.value, reason=reason.strip(), decided_by=by.name)
        row = _row(said, capability, key, found.about, record.head)
        row.save()
        record.summary = f"Withdrew the decision on {capability} {key}: it was {found.says}"
    return row


def _ideals(owners: Iterable[Capability]) -> list[tuple[Capability, str]]:
    return [(each, Kind.IDEAL) for each in owners]


def _require_whole(said: Deviation, owners: Sequence[Capability]) -> None:
    """Raise ValidationError, by field, for a decision that does not say what it has to."""
    if not owners:
        raise ValidationError("Choose the differences that are meant.", code="nothing-chosen")
    problems = {}
    if said.state not in (Says.PLANNED, Says.ACCEPTED, Says.BLOCKED):
        problems["state"] = "Say whether it is planned, accepted or blocked."
    if not said.owner:
        problems["owner"] = "Say who looks after it."
    if said.state == Says.PLANNED and not said.ticket:
        problems["ticket"] = "Name the ticket that it is planned in."
    if said.state == Says.ACCEPTED and not said.reason:
        problems["reason"] = "Say why it may stay different."
    if said.state == Says.ACCEPTED and said.until is None:
        problems["until"] = "Say until when it is accepted."
    if said.until and said.until < timezone.now().date():
        problems["until"] = "This day has passed."
    if said.state == Says.BLOCKED and said.question is None:
        problems["question"] = "Choose the question that it waits for."
    if said.question and (problem := _problem_of(said.question, owners)):
        problems["question"] = problem
    if problems:
        raise ValidationError(problems)


def _problem_of(question: Note, owners: Sequence[Capability]) -> str:
    """Why nothing can wait for this question; "" when it can."""
    if question.capability_id not in {each.pk for each in owners}:
        return "This question is about another machine."
    stored = Note.objects.filter(pk=question.pk).first()
    if stored is None:
        return "This question was removed in the meantime."
    return "" if stored.is_open else "This is no open question (any more)."


def _differences(owners: Sequence[Capability]) -> dict[tuple[int, Key], Difference]:
    """Every difference that there is, by the capability's id and key."""
    fleet = Fleet([each.name for each in owners])
    return {
        (each.pk, difference.key): difference
        for each in fleet.capabilities
        for difference in diff(*(fleet.machine(each.name, kind) for kind in Kind.values))
    }


def _newest(owners: Sequence[Capability]) -> dict[tuple[int, Key], Decision]:
    ids = {each.name: each.pk for each in owners}
    return {
        (ids[name], each.key): each
        for name, found in newest_decisions(owners).items()
        for each in found
    }


def _require_as_seen(
    chosen: Sequence[Chosen], differences: dict[tuple[int, Key], Difference]
) -> None:
    newest = _newest([each.capability for each in chosen])
    for each in chosen:
        there = each.capability.pk, each.key
        if there not in differences:
            raise ValidationError(
                f"Current and ideal treat {each.key} the same by now: there is nothing to decide.",
                code="no-such-difference",
            )
        if About.of(differences[there]).text != each.seen:
            raise ConflictError(f"The difference at {each.key}")
        _require_newest(each.key, newest.get(there), each.newest)


def _require_newest(key: Key, found: Decision | None, newest: int | None) -> None:
    if newest is not None and newest != (found.number if found else 0):
        raise ConflictError(f"The decision on {key}")


def _row(
    said: Deviation, capability: Capability, key: Key, about: About, sequence: int
) -> Deviation:
    """What was said, about one difference; not saved. Raises ValidationError for a bad text."""
    row = Deviation(
        capability=capability,
        source=key.source,
        event=key.event,
        state=said.state,
        owner=said.owner,
        ticket=said.ticket,
        reason=said.reason,
        until=said.until,
        question=said.question,
        question_text=said.question_text,
        old_line=about.old,
        new_line=about.new,
        moved=about.moved,
        sequence=sequence,
        decided_by=said.decided_by,
    )
    row.clean_fields(exclude=["capability", "question"])  # which are stored, as it is known
    return row


def _told(decided: Sequence[Deviation]) -> str:
    """“std_calibration [Queued] - <resume>”; of more than one capability, how many differences."""
    owners = {each.capability.name for each in decided}
    if len(owners) > 1:
        return count(len(decided), "difference")
    return f"{owners.pop()} {', '.join(str(each.key) for each in decided)}"


def _saying(said: Deviation) -> str:
    """“planned, WS-812, owner ada: as agreed”."""
    parts = [said.state, said.ticket]
    parts += [f"until {said.until}"] if said.until else []
    parts += [f"owner {said.owner}"]
    parts += [f"waits for “{said.question_text}”"] if said.question_text else []
    told = ", ".join(filter(None, parts))
    return f"{told}: {said.reason}" if said.reason else told
