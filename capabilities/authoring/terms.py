"""The registry: adding, changing and removing known names; and the names it starts with.

Terms change no machine, only what the checks say, so Django's own LogEntry records them.
"""

from collections.abc import Iterable
from copy import copy

from ..auditing import Author
from ..machines.vocabulary import ACTION, PUBLISHED, STATE, TERM_KINDS
from ..models import Term


def register_published(*, by: Author) -> list[Term]:
    """Fill an empty registry with the published names; a registry with any term stays as it is."""
    if Term.objects.exists():
        return []
    return Term.objects.bulk_create(
        Term(
            kind=kind,
            name=name,
            argument=PUBLISHED.actions[name] if kind == ACTION else "",
            final=kind == STATE and name in PUBLISHED.finals,
        )
        for kind in TERM_KINDS
        for name in sorted(PUBLISHED.known(kind))
    )


def save(*, term: Term, by: Author) -> Term:
    """Add a term or save its changes. Raises ValidationError."""
    term.full_clean()
    term.save()
    return term


def register(terms: Iterable[Term]) -> None:
    """Add terms inside another write; one that is there already stays. Raises ValidationError."""
    for term in terms:
        if not Term.objects.filter(kind=term.kind, name=term.name).exists():
            term.full_clean()
            term.save()


def remove(*, term: Term, by: Author) -> Term:
    """Remove a term, and return it as it was; machines that use it get a finding."""
    removed = copy(term)
    term.delete()
    return removed
