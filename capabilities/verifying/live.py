"""The machines as they are, against what the last entry of the log says of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError

from ..machines.notation import parse, render
from ..models import AuditEntry, Fleet, Kind
from .chain import Subject, Told, Walk
from .faults import Fault

AT_ONCE = 500  # texts that are in memory at once

_DEFINITION = AuditEntry.Subject.DEFINITION.value
_TEMPLATE = AuditEntry.Subject.MACHINE_TEMPLATE.value


@dataclass(frozen=True)
class Live:
    """A machine as it is now, as text; `own` is false where no definition of its own makes it."""

    text: str
    own: bool = True


def machine_faults(walk: Walk) -> Iterator[Fault]:
    """Yield each machine that is not what the log says of it, after a walk along all of it."""
    try:
        fleet = Fleet()
    except (ValueError, ValidationError) as error:
        yield Fault(None, f"cannot be read: {error}", "a row of a machine")
        return
    live, impossible = _live(fleet)
    for subject, problem in impossible.items():
        yield Fault(None, f"cannot be: {problem}", called(subject))
    names = {each.name for each in fleet.capabilities}
    if not walk.has_gaps:  # then the entries that are missing may tell of these
        yield from _untold(walk, live, names, impossible)
    yield from _different(walk, live)
    yield from _gone(walk, {*live, *impossible}, names)


def called(subject: Subject) -> str:
    """What a person calls it."""
    kind_of_subject, name, kind = subject
    return f"{name} {kind}" if kind_of_subject == _DEFINITION else f"the machine template {name}"


def _live(fleet: Fleet) -> tuple[dict[Subject, Live], dict[Subject, str]]:
    """Every machine that there is, and why there is none where rows make none."""
    live: dict[Subject, Live] = {}
    impossible: dict[Subject, str] = {}
    for pk, template in fleet.shelf.templates.items():
        subject = _TEMPLATE, template.slug, ""
        try:
            live[subject] = Live(render(fleet.shelf.machine(pk)))
        except ValueError as error:
            impossible[subject] = str(error)
    for capability in fleet.capabilities:
        for kind in Kind.values:
            subject = _DEFINITION, capability.name, kind
            own = fleet.definition(capability.name, kind) is not None
            try:
                live[subject] = Live(render(fleet.machine(capability.name, kind)), own)
            except ValueError as error:
                impossible[subject] = str(error)
    return live, impossible


def _untold(
    walk: Walk, live: Mapping[Subject, Live], names: Iterable[str], impossible: Iterable[Subject]
) -> Iterator[Fault]:
    """What is there though no entry tells of it."""
    problem = "is there, and no entry tells of it"
    told = {name for subject, name, _ in walk.told if subject == _DEFINITION}
    for name in names:
        if name not in told:
            yield Fault(None, problem, f"the capability {name}")
    for subject in (*live, *impossible):
        has_own = subject not in live or live[subject].own
        of_no_capability = subject[0] == _TEMPLATE or subject[1] in told
        if has_own and subject not in walk.told and of_no_capability:
            yield Fault(None, problem, called(subject))


def _different(walk: Walk, live: Mapping[Subject, Live]) -> Iterator[Fault]:
    """What is another machine than its last entry ended with."""
    suspected: dict[Subject, Told] = {}
    for subject, machine in live.items():
        told = walk.told.get(subject)
        if told is None or told.doubtful or hash(machine.text) == told.after:
            continue
        # An ideal machine that is the same as current changes with it.
        follows = not machine.own and subject[2] == Kind.IDEAL
        if not (follows and (told.same or not told.is_there)):
            suspected[subject] = told
    remaining = iter(suspected.items())
    while some := list(islice(remaining, AT_ONCE)):
        texts = dict(
            AuditEntry.objects.filter(sequence__in=[told.sequence for _, told in some]).values_list(
                "sequence", "after"
            )
        )
        for subject, told in some:
            if not _is_written(live[subject].text, texts.get(told.sequence, "")):
                problem = f"is another machine than entry {told.sequence} ended with"
                yield Fault(told.sequence, problem, called(subject))


def _is_written(live: str, text: str) -> bool:
    """Whether a text writes the same machine, though an earlier version wrote it differently."""
    try:
        return parse(text) == parse(live)
    except ValueError:
        return False


def _gone(walk: Walk, there: set[Subject], names: set[str]) -> Iterator[Fault]:
    """What an entry ended with and is not there. A capability's newest entry speaks for both."""
    newest: dict[str, tuple[Told, Subject]] = {}
    for subject, told in walk.told.items():
        if subject[0] == _TEMPLATE:
            if subject not in there and told.is_there and not told.doubtful:
                yield _is_gone(subject, told)
        elif subject[1] not in names:
            found = newest.get(subject[1])
            if found is None or found[0].sequence < told.sequence:
                newest[subject[1]] = told, subject
    for told, subject in newest.values():
        if told.is_there and not told.doubtful:
            yield _is_gone(subject, told)


def _is_gone(subject: Subject, told: Told) -> Fault:
    return Fault(
        told.sequence, f"is not there, and entry {told.sequence} says that it is", called(subject)
    )
