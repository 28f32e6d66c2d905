"""Change requests: proposing, discussing and deciding them, and applying one that was approved.

Each verb adds one event to the history of a request, in a write of its own. Whoever wrote a text
that was proposed does not decide about it, whichever way it is tried: that is refused here.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from ..auditing import Author, Record, recorded
from ..machines.machine import Key, Machine
from ..machines.notation import read, render
from ..machines.review import (
    State,
    Verb,
    brought_up_to_date,
    contested,
    digest_of,
    with_differences,
)
from ..models import (
    AuditEntry,
    Capability,
    ChangeRequest,
    Fleet,
    Kind,
    MachineTemplate,
    Review,
    ReviewEvent,
    machine_now,
)
from .conflicts import ConflictError
from .making import definition_written, gone, template_written

OWN_REQUEST = "own-request"
"""The code of the refusal to decide about what one wrote oneself."""


@dataclass(frozen=True)
class Subject:
    """What a request is about: a capability's machine of one kind, or a machine template."""

    subject: str
    name: str
    kind: str = ""

    @classmethod
    def of_definition(cls, name: str, kind: str) -> "Subject":
        return cls(AuditEntry.Subject.DEFINITION.value, name, str(kind))

    @classmethod
    def of_template(cls, slug: str) -> "Subject":
        return cls(AuditEntry.Subject.MACHINE_TEMPLATE.value, slug)

    @property
    def columns(self) -> dict[str, str]:
        return {"subject": self.subject, "name": self.name, "kind": self.kind}


def propose(
    *,
    capability: Capability,
    keys: Collection[Key],
    title: str,
    words: str = "",
    ticket: str = "",
    seen: str = "",
    message: str = "",
    by: Author,
) -> ChangeRequest:
    """Propose that the differences at `keys` go from ideal to current.

    `seen` is the digest of what the person saw. Raises ValidationError when nothing is chosen or
    something has to be mended, and ConflictError when it would be something else by now.
    """
    subject = Subject.of_definition(capability.name, Kind.CURRENT)
    with _recorded("change request proposed", subject, message, by) as record:
        fleet = Fleet([capability.name])
        if not fleet.capabilities:
            raise gone(capability.name)
        current, ideal = (fleet.machine(capability.name, kind) for kind in Kind.values)
        proposed = with_differences(current, ideal, keys)
        return _proposed(subject, current, proposed, title, words, ticket, seen, record, by)


def propose_text(
    *,
    subject: Subject,
    text: str,
    title: str,
    words: str = "",
    ticket: str = "",
    seen: str = "",
    message: str = "",
    by: Author,
) -> ChangeRequest:
    """Propose that a machine be what `text` says; notes in it are passed over.

    `seen` is the digest of the machine that the person began with, and of nothing proposed.
    Raises ValidationError for a text with mistakes or without a difference; else as `propose`.
    """
    with _recorded("change request proposed", subject, message, by) as record:
        base = machine_now(ChangeRequest(**subject.columns))
        if base is None:
            raise gone(subject.name)
        if seen and seen != digest_of(render(base), ""):
            raise ConflictError(f"{subject.name} {subject.kind}".strip())
        return _proposed(subject, base, _read(text), title, words, ticket, "", record, by)


def edit(
    *, request: ChangeRequest, seen: str, text: str, words: str = "", message: str = "", by: Author
) -> ChangeRequest:
    """Propose another text; whoever approved has to be asked again.

    Raises ValidationError for a text with mistakes or that changes nothing, and ConflictError.
    """
    with _happening("change request edited", request, seen, message, by) as happening:
        base, proposed = happening.review.base, _read(text)
        _require_edit(happening.review, base, proposed)
        happening.says(Verb.EDITED, words, base=base, proposed=proposed)
    return request


def bring_up_to_date(
    *,
    request: ChangeRequest,
    seen: str,
    proposed_at: Mapping[Key, bool] | None = None,
    words: str = "",
    message: str = "",
    by: Author,
) -> ChangeRequest:
    """Propose the same changes to the machine as it is now; that is an edit.

    `proposed_at` says of each key that both changed whether the proposal counts there. Raises
    ValidationError when one is left open, or nothing is left to propose, and ConflictError.
    """
    with _happening("change request edited", request, seen, message, by) as happening:
        review = happening.review
        if review.now is None:
            raise gone(request.target)
        if not review.has_moved:
            raise ValidationError("It is up to date already.", code="nothing-to-do")
        chosen = proposed_at or {}
        for each in contested(review.base, review.now, review.proposed):
            if each.key not in chosen:
                raise ValidationError(f"Choose what {each.key} is to be.", code="contested")
        proposed = brought_up_to_date(review.base, review.now, review.proposed, chosen)
        _require_edit(review, review.now, proposed)
        told = words or "Brought up to date."
        happening.says(Verb.EDITED, told, base=review.now, proposed=proposed)
    return request


def reword(
    *,
    request: ChangeRequest,
    seen: str,
    title: str,
    words: str = "",
    ticket: str = "",
    message: str = "",
    by: Author,
) -> ChangeRequest:
    """Say in other words what one proposed oneself, and why; the history keeps those of before.

    What is proposed is the same, so an approval of it stays. Raises ValidationError for anybody
    else, for what has to be mended and when nothing is different, and ConflictError.
    """
    with _happening("change request reworded", request, seen, message, by) as happening:
        if problem := why_not_reword(request, by):
            raise ValidationError(problem, code="not-own")
        found = happening.review.request
        before = found.wording
        found.title, found.words, found.ticket = title.strip(), _lines(words), ticket.strip()
        found.full_clean()
        if found.wording == before:
            raise ValidationError("It says that already.", code="nothing-to-do")
        found.save(update_fields=["title", "words", "ticket"])
        happening.says(Verb.REWORDED, "", texts=(before, found.wording))
    return found


def comment(
    *, request: ChangeRequest, seen: str, words: str, message: str = "", by: Author
) -> ChangeRequest:
    """Say something about a request, also about one that is closed. Raises ValidationError."""
    with _happening(
        "change request commented", request, seen, message, by, closed=True
    ) as happening:
        _require_words(words)
        happening.says(Verb.COMMENTED, words)
    return request


def approve(
    *, request: ChangeRequest, seen: str, words: str = "", message: str = "", by: Author
) -> ChangeRequest:
    """Agree to the text that is proposed, `seen` by its digest.

    Raises ValidationError for whoever wrote it, or when it is approved already, and ConflictError
    when the text is another one, or the machine beneath it.
    """
    with _happening("change request approved", request, seen, message, by) as happening:
        require_other(happening.review, by)
        if happening.review.state is State.APPROVED:
            raise ValidationError("It is approved already.", code="nothing-to-do")
        _require_base(happening.review)
        happening.says(Verb.APPROVED, words)
    return request


def ask_for_changes(
    *, request: ChangeRequest, seen: str, words: str, message: str = "", by: Author
) -> ChangeRequest:
    """Ask for another text, and say which. Raises ValidationError as `approve`, ConflictError."""
    with _happening("change request sent back", request, seen, message, by) as happening:
        require_other(happening.review, by)
        _require_words(words)
        happening.says(Verb.CHANGES_ASKED, words)
    return request


def refuse(
    *, request: ChangeRequest, seen: str, words: str, message: str = "", by: Author
) -> ChangeRequest:
    """Close a request, and say why. Raises ValidationError as `approve`, and ConflictError."""
    with _happening("change request refused", request, seen, message, by) as happening:
        require_other(happening.review, by)
        _require_words(words)
        happening.says(Verb.REFUSED, words)
    return request


def withdraw(
    *, request: ChangeRequest, seen: str, words: str = "", message: str = "", by: Author
) -> ChangeRequest:
    """Close one's own request. Raises ValidationError for anybody else, and ConflictError."""
    with _happening("change request withdrawn", request, seen, message, by) as happening:
        if not _is_author(request, by):
            raise ValidationError(
                f"Only {request.author}, who proposed it, can withdraw it.", code="not-own"
            )
        happening.says(Verb.WITHDRAWN, words)
    return request


def apply(
    *, request: ChangeRequest, seen: str, words: str = "", message: str = "", by: Author
) -> ChangeRequest:
    """Make the machine exactly the one that was approved, in one write.

    It is made as `making.making` says; of a machine template, its rows are written anew. Raises
    ValidationError when it is not approved, and ConflictError when the machine is another one than
    it was approved for, or somebody else applied it.
    """
    write = template_written if request.is_of_template else definition_written
    with write(request, message, by) as (record, put):
        review = _require_seen(request, seen)
        _require_under_review(review)
        if review.state is not State.APPROVED:
            raise ValidationError(
                f"It is {review.state.value}: only what is approved is applied.",
                code="not-approved",
            )
        _require_base(review)
        put(review.proposed)
        if machine_now(request) != review.proposed:
            raise ValidationError(
                "The machine cannot be made exactly what was approved; nothing was applied.",
                code="another-machine",
            )
        happening = _Happening(review, record, by)
        happening.says(Verb.APPLIED, words, base=review.base, proposed=review.proposed)
    return request


# -- who may


def is_single_user() -> bool:
    """Whether the second person is switched off, by SMADMIN_SINGLE_USER."""
    return bool(settings.SINGLE_USER)


def why_not_decide(review: Review, by: Author) -> str:
    """Why this person cannot decide about a request, in a sentence; "" if nothing is against it."""
    if is_single_user():
        return ""
    if by.id is None:
        return "Only a person who is signed in can decide."
    if by.id == review.request.author_id:
        return "You proposed this change: somebody else has to decide about it."
    if by.id in review.writers:
        return "You edited what is proposed: somebody else has to decide about it."
    return ""


def why_not_reword(request: ChangeRequest, by: Author) -> str:
    """Why this person cannot change the words of a request; "" if they are its author."""
    return "" if _is_author(request, by) else f"These are the words of {request.author}."


def _is_author(request: ChangeRequest, by: Author) -> bool:
    return by.id is not None and by.id == request.author_id


def require_other(review: Review, by: Author) -> None:
    """Raise ValidationError when a person decides about what they wrote themselves."""
    if problem := why_not_decide(review, by):
        raise ValidationError(problem, code=OWN_REQUEST)


# -- one event


@dataclass
class _Happening:
    review: Review
    record: Record
    by: Author

    def says(
        self,
        verb: Verb,
        words: str,
        *,
        base: Machine | None = None,
        proposed: Machine | None = None,
        texts: tuple[str, str] = ("", ""),
    ) -> None:
        """Add the event, with the machines or the texts that it keeps, and tell the log of it."""
        digest = self.review.digest
        if base is not None and proposed is not None:
            texts = render(base), render(proposed)
            digest = digest_of(*texts)
        request = self.review.request
        _add(request, verb, words, digest, texts, self.record, self.by)
        self.record.summary = f"{_capitalized(verb)} {request}: {request.target}"


def _capitalized(verb: Verb) -> str:
    told = {Verb.COMMENTED: "Commented on", Verb.CHANGES_ASKED: "Asked for changes of"}
    return told.get(verb, verb.value.capitalize())


def _add(
    request: ChangeRequest,
    verb: Verb,
    words: str,
    digest: str,
    texts: Collection[str],
    record: Record,
    by: Author,
) -> None:
    base, proposed = texts
    event = ReviewEvent(
        change_request=request,
        verb=verb.value,
        by_id=by.id,
        by=by.name,
        words=_lines(words),
        digest=digest,
        base=base,
        proposed=proposed,
        # The first entry of a write is that of the machine which it names.
        sequence=record.head + 1 if record.definitions or record.templates else 0,
    )
    event.clean_fields(exclude=["change_request"])
    event.save(force_insert=True)


@contextmanager
def _happening(
    action: str, request: ChangeRequest, seen: str, message: str, by: Author, closed: bool = False
) -> Iterator[_Happening]:
    """A recorded event of a request, as the person saw it."""
    subject = Subject(request.subject, request.name, request.kind)
    with _recorded(action, subject, message, by) as record:
        review = _require_seen(request, seen)
        if not closed:
            _require_under_review(review)
        yield _Happening(review, record, by)


@contextmanager
def _recorded(action: str, subject: Subject, message: str, by: Author) -> Iterator[Record]:
    """A write that names what a request is about, as far as that is still there."""
    targets: dict[str, Any] = {}
    if subject.subject == AuditEntry.Subject.MACHINE_TEMPLATE:
        targets["templates"] = MachineTemplate.objects.filter(slug=subject.name)
    else:
        capabilities = Capability.objects.filter(name=subject.name)
        targets["definitions"] = [(each, subject.kind) for each in capabilities]
    with recorded(action, **targets, message=message, by=by) as record:
        yield record


def _require_seen(request: ChangeRequest, seen: str) -> Review:
    """The request as it stands, inside the write. Raises ConflictError for another text."""
    review = Review(ChangeRequest.objects.get(pk=request.pk))
    if review.digest != seen:
        raise ConflictError("What is proposed")
    return review


def _require_under_review(review: Review) -> None:
    if not review.is_under_review:
        raise ConflictError(f"The change request is {review.state.value} by now: it")


def _require_base(review: Review) -> None:
    if review.has_moved:
        raise ConflictError(review.request.target)


def _require_words(words: str) -> None:
    if not words.strip():
        raise ValidationError({"words": "Say it in words."})


def _require_edit(review: Review, base: Machine, proposed: Machine) -> None:
    if proposed == base:
        raise ValidationError(
            "Nothing is left to change: this is the machine as it is. Withdraw the request.",
            code="nothing-proposed",
        )
    if (base, proposed) == (review.base, review.proposed):
        raise ValidationError("This is what is proposed already.", code="nothing-to-do")


def _read(text: str) -> Machine:
    reading = read(text)
    if reading.mistakes:
        raise ValidationError({"text": [str(mistake) for mistake in reading.mistakes[:20]]})
    return Machine(reading.transitions)


def _lines(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def _proposed(
    subject: Subject,
    base: Machine,
    proposed: Machine,
    title: str,
    words: str,
    ticket: str,
    seen: str,
    record: Record,
    by: Author,
) -> ChangeRequest:
    if base == proposed:
        raise ValidationError(
            "Nothing is proposed: this is the machine as it is.", code="nothing-proposed"
        )
    texts = render(base), render(proposed)
    digest = digest_of(*texts)
    if seen and seen != digest:
        raise ConflictError(f"{subject.name} {subject.kind}".strip())
    request = ChangeRequest(
        **subject.columns,
        title=title.strip(),
        words=_lines(words),
        ticket=ticket.strip(),
        author_id=by.id,
        author=by.name,
    )
    request.full_clean()
    request.save(force_insert=True)
    _add(request, Verb.PROPOSED, "", digest, texts, record, by)
    record.summary = f"Proposed {request}: {request.target}"
    return request
