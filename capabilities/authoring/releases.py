"""Releases: freezing machines under the next number, and recording where a release is.

Neither is ever changed or taken back: what was wrong is put right by the next release, or by
deploying an earlier one again.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ..auditing import Author, locked_head, recorded
from ..deployment import fixtures
from ..fields import validate_line
from ..machines.checks import Finding, Severity
from ..machines.notation import render
from ..machines.release_plan import Released, ReleasePlan, plan
from ..machines.sentences import count
from ..models import (
    AuditHead,
    Capability,
    Deployment,
    Environment,
    Fleet,
    Kind,
    Release,
    ReleaseMachine,
    present_deployments,
    vocabulary,
)
from . import second_person, webhooks
from .second_person import Written

Acknowledged = tuple[str, str]
"""A warning that is acknowledged: the code of its check, and whose machine."""

NOTES_LENGTH = 20_000


class ReleaseOutdatedError(Exception):
    """Something was written since the page was made; `seen` is the last audit entry that it saw."""

    def __init__(self, seen: int) -> None:
        self.seen = seen
        super().__init__("Machines were changed since this page was made.")


@dataclass(frozen=True)
class Found:
    """What a check says about a machine that is to be released."""

    name: str
    finding: Finding

    @property
    def who(self) -> Acknowledged:
        return self.finding.code, self.name


@dataclass(frozen=True)
class Proposal:
    """What would be released now, against the last release; `head` is the last audit entry.

    `written` is what is new of it by whoever wants to release, where that needs another person.
    """

    machines: Mapping[str, Released]
    findings: tuple[Found, ...]
    plan: ReleasePlan
    number: int
    head: int
    written: tuple[Written, ...] = ()

    def of(self, severity: Severity) -> list[Found]:
        return [each for each in self.findings if each.finding.severity is severity]

    @property
    def errors(self) -> list[Found]:
        return self.of(Severity.ERROR)

    @property
    def warnings(self) -> list[Found]:
        return self.of(Severity.WARNING)


def propose(
    names: Iterable[str] | None = None, kind: str = Kind.CURRENT, releaser: Author | None = None
) -> Proposal:
    """What would be released now: these capabilities, or all, and their machines of one kind.

    `releaser` is who would release it.
    """
    head = AuditHead.objects.values_list("sequence", flat=True).first() or 0
    return _proposal(Fleet(names), kind, head, releaser)


def release(
    *,
    capabilities: Collection[Capability],
    kind: str = Kind.CURRENT,
    title: str,
    notes: str = "",
    acknowledged: Mapping[Acknowledged, str] | Collection[Acknowledged] = (),
    head: int | None = None,
    message: str = "",
    by: Author,
) -> Release:
    """Freeze the machines of one kind of these capabilities under the next number.

    `acknowledged` are the warnings that somebody has seen, each with words about it if there are
    any. `head` is the last audit entry when somebody saw the plan: ReleaseOutdatedError is raised
    when anything was written since. Raises ValidationError, by field, for an error that a check
    finds, for a warning that is not acknowledged, for what is missing, and where a release needs
    another person, for what is new of it by this one.
    """
    if kind not in Kind.values:
        raise ValidationError({"kind": f"Choose one of {', '.join(Kind.values)}."})
    words = acknowledged if isinstance(acknowledged, Mapping) else dict.fromkeys(acknowledged, "")
    chosen = [(each, kind) for each in capabilities]
    with recorded("released", definitions=chosen, message=message, by=by) as record:
        if head is not None and head != record.head:
            raise ReleaseOutdatedError(head)
        names = [each.name for each in capabilities]
        fleet = Fleet(names)
        proposed = _proposal(fleet, kind, record.head, by)
        title, notes = title.strip(), notes.replace("\r\n", "\n").strip()
        _require_whole(title, notes, proposed, names, words)
        export = fixtures.dump_machines(names, kind)
        _freeze_machines(proposed, fleet)
        frozen = Release.objects.create(
            number=proposed.number,
            title=title,
            notes=notes,
            export=export,
            digest=hashlib.sha256(export.encode()).hexdigest(),
            sequence=record.head,
            head_digest=AuditHead.objects.values_list("digest", flat=True).first() or "",
            warnings=[
                {
                    "code": each.finding.code,
                    "machine": each.name,
                    "message": each.finding.message,
                    "words": words[each.who].strip(),
                }
                for each in proposed.warnings
            ],
            by_id=by.id,
            by=by.name,
            at=timezone.now(),
        )
        record.summary = f"Released in release {frozen.number}: {title}"
        webhooks.announce_release(release=frozen, plan=proposed.plan, by=by)
    return frozen


def deploy(*, release: Release, environment: str, remark: str = "", by: Author) -> Deployment:
    """Record that a release is in an environment now, in place of the one that was there.

    Raises ValidationError for an environment that there is not, and when the release is what is
    there already.
    """
    if environment not in Environment.values:
        known = ", ".join(Environment.values)
        raise ValidationError({"environment": f"Choose one of {known}."}, code="no-environment")
    with transaction.atomic():
        locked_head()  # so that of two at once, one is the first
        present = {each.environment: each.release_id for each in present_deployments()}
        if present.get(environment) == release.number:
            raise ValidationError(
                {"environment": f"Release {release.number} is in {environment} already."},
                code="there-already",
            )
        row = Deployment(
            release=release,
            environment=environment,
            remark=remark.strip(),
            by_id=by.id,
            by=by.name,
            at=timezone.now(),
        )
        row.clean_fields(exclude=["release"])
        row.save(force_insert=True)
        webhooks.announce_deployment(deployment=row, before=present.get(environment), by=by)
    return row


def _proposal(fleet: Fleet, kind: str, head: int, by: Author | None) -> Proposal:
    known = vocabulary()
    machines = {
        each.name: Released(fleet.machine(each.name, kind), str(kind), each.requires_qa)
        for each in fleet.capabilities
    }
    last = Release.objects.first()
    return Proposal(
        machines=machines,
        findings=tuple(
            Found(name, finding)
            for name in machines
            for finding in fleet.checked(name, kind, known).findings
        ),
        plan=plan(last.machines_as_released() if last else None, machines),
        number=(Release.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        head=head,
        written=_written(fleet, kind, by),
    )


def _written(fleet: Fleet, kind: str, by: Author | None) -> tuple[Written, ...]:
    if by is None or not second_person.is_by_another():
        return ()
    names = [each.name for each in fleet.capabilities]
    followers = [name for name in names if fleet.definition(name, kind) is None]
    return second_person.written_by(by, names, kind, followers)


def _require_whole(
    title: str,
    notes: str,
    proposed: Proposal,
    names: Collection[str],
    words: Mapping[Acknowledged, str],
) -> None:
    problems: dict[str, list[str]] = {}
    if not title:
        problems["title"] = ["Give the release a title."]
    elif len(title) > (most := Release._meta.get_field("title").max_length or 0):
        problems["title"] = [f"A title has at most {most} characters."]
    else:
        try:
            validate_line(title)
        except ValidationError as error:
            problems["title"] = error.messages
    if len(notes) > NOTES_LENGTH or "\0" in notes:
        problems["notes"] = [f"Notes are at most {NOTES_LENGTH} characters of text."]
    if gone := sorted(set(names) - proposed.machines.keys()):
        problems["capabilities"] = [f"{', '.join(gone)} was removed in the meantime."]
    elif not names:
        problems["capabilities"] = ["Choose the machines that are released."]
    told = [
        f"{each.name} has an error: {each.finding.message} Mend it first."
        for each in proposed.errors
    ]
    missing = [each for each in proposed.warnings if each.who not in words]
    if missing:
        told.append(
            f"{count(len(missing), 'warning')} must be acknowledged: "
            + "; ".join(
                f"{each.finding.code} of {each.name} ({each.finding.message})" for each in missing
            )
        )
    for name, said in words.items():
        try:
            validate_line(said.strip() or "none")
        except ValidationError as error:
            told += [f"About {name[0]} of {name[1]}: {each}" for each in error.messages]
    if told:
        problems["findings"] = told
    if proposed.written:
        problems["by"] = [second_person.refusal(proposed.written)]
    if problems:
        raise ValidationError(problems)


def _freeze_machines(proposed: Proposal, fleet: Fleet) -> None:
    """Write the machines, before their release: none can be added to a release that is there."""
    ReleaseMachine.objects.bulk_create(
        ReleaseMachine(
            release_id=proposed.number,
            name=name,
            kind=each.kind,
            title=_made_of(fleet, name, each.kind),
            text=render(each.machine),
            requires_qa=each.requires_qa,
        )
        for name, each in proposed.machines.items()
    )


def _made_of(fleet: Fleet, name: str, kind: str) -> str:
    """ "Simple run-workflow + QA, 2 overrides"."""
    definition = fleet.definition(name, kind) or fleet.definition(name, Kind.CURRENT)
    if definition is None:
        return ""
    ids = [definition.machine_template_id]
    ids += [each.machine_template_id for each in definition.stages.all()]
    layers = [fleet.shelf.templates[pk].title for pk in ids if pk]
    overrides = len(definition.overrides.all())
    parts = [" + ".join(layers) or "no machine template"]
    parts += [count(overrides, "override")] if overrides else []
    return ", ".join(parts)
