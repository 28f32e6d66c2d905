"""The second person for a release: whoever releases may have written nothing of it that is new."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q
from django.urls import reverse

from ..auditing import Author
from ..machines.review import WRITES, Verb
from ..machines.sentences import count, listed
from ..models import AuditEntry, Kind, ReleaseMachine, ReviewEvent

SHOWN = 10  # machines that the refusal names


@dataclass(frozen=True)
class Written:
    """A machine that somebody changed since it was released last, and the last entry of it."""

    name: str
    sequence: int

    def get_absolute_url(self) -> str:
        return reverse("capabilities:log-entry", args=[self.sequence])


def is_by_another() -> bool:
    """Whether a release needs a second person, by SMADMIN_RELEASE_BY_ANOTHER."""
    return bool(settings.RELEASE_BY_ANOTHER)


def written_by(
    by: Author, names: Collection[str], kind: str, followers: Collection[str] = ()
) -> tuple[Written, ...]:
    """Which of these machines a person changed since each was released last, in one query.

    `followers` have no machine of this kind of their own and are their current one. What a machine
    template's edit changes has an entry of its own, by the same person. A change request that was
    applied counts for whoever applied it and for everybody who wrote what it proposed, not for who
    approved it. Entries that changed nothing do not count; what was taken back does. A person is
    known by their id; a command has none, so that its name counts, on either side.
    """
    about = Q(name__in=names, kind=kind) | Q(name__in=followers, kind=Kind.CURRENT)
    released = ReleaseMachine.objects.filter(
        name=OuterRef("name"), kind=kind, release__sequence__gte=OuterRef("sequence")
    )
    proposed = ReviewEvent.objects.filter(
        _is(by, "by_id", "by"), verb__in=[each.value for each in WRITES]
    )
    applied = ReviewEvent.objects.filter(
        verb=Verb.APPLIED.value, change_request__in=proposed.values("change_request")
    )
    through = AuditEntry.objects.filter(sequence__in=applied.values("sequence"))
    rows = (
        AuditEntry.objects.filter(about, subject=AuditEntry.Subject.DEFINITION)
        .filter(_is(by, "actor_id", "actor") | Q(request__in=through.values("request")))
        .exclude(before=F("after"), made_of="")
        .exclude(Exists(released))
        .order_by("name")
        .values_list("name")
        .annotate(last=Max("sequence"))
    )
    return tuple(Written(name, last) for name, last in rows)


def refusal(written: Collection[Written]) -> str:
    """That these were written by whoever wants to release them, in a sentence."""
    told = [f"{each.name} (entry {each.sequence})" for each in list(written)[:SHOWN]]
    more = len(written) - len(told)
    told += [count(more, "other machine")] if more else []
    return f"You wrote what is new of {listed(told)}: somebody else has to release it."


def _is(by: Author, id_field: str, name_field: str) -> Q:
    if by.id is None:
        return Q(**{name_field: by.name})
    return Q(**{id_field: by.id}) | Q(**{f"{id_field}__isnull": True, name_field: by.name})
