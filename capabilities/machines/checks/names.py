"""Checks of names: each has to be a registered one."""

from collections.abc import Iterator
from functools import lru_cache

from ..machine import Key
from ..vocabulary import ACTION, EVENT, MESSAGE, NOTIFICATION, STATE
from .findings import Finding, Subject
from .nearness import has_many_names, nearest, told_nearest


def unknown_names(subject: Subject) -> Iterator[Finding]:
    """Each name that is not registered, once, at the first transition that uses it."""
    seen: set[tuple[str, str]] = set()
    for key, kind, name in _names(subject):
        known = subject.vocabulary.known(kind)
        if name in known or (kind, name) in seen:
            continue
        seen.add((kind, name))
        meant = _meant(name, known)
        message = f"The {kind} “{name}” is not registered{told_nearest(name, meant)}"
        yield Finding(f"unknown-{kind}", message, key, meant, name)


@lru_cache(maxsize=1024)
def _meant(name: str, known: frozenset[str]) -> str:
    """`nearest`, which is slow, for a name that many machines have."""
    return nearest(name, known)


def _names(subject: Subject) -> Iterator[tuple[Key, str, str]]:
    for transition in subject.machine:
        yield transition.key, STATE, transition.source
        yield transition.key, EVENT, transition.event
        for action in transition.actions:
            yield transition.key, ACTION, action.name
            kind = subject.vocabulary.actions.get(action.name)
            # A workflow that is not the capability's own has its finding already.
            if kind not in (MESSAGE, NOTIFICATION) or not action.argument or action.parameters:
                continue
            if not has_many_names(action, subject.vocabulary.known(kind)):
                yield transition.key, kind, action.argument
        yield transition.key, STATE, transition.target
