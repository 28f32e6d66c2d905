"""Overrides: a definition's own puts and drops, and restoring what lies beneath."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from ..auditing import Author
from ..machines.machine import Key, Transition
from ..models import Definition, Shelf, Term
from . import rows, terms
from .definitions import Seen, changing


def put(
    *,
    definition: Seen,
    key: Key | None,
    transition: Transition,
    reason: str = "",
    ticket: str = "",
    register: Iterable[Term] = (),
    message: str = "",
    by: Author,
) -> Definition:
    """Have `transition` in the definition's machine, in the place of the one at `key`, if given.

    Writes the fewest overrides: none for what machine template and stages have anyway. `register`
    are new names in it. Raises ValidationError when another transition has that source and event,
    and ConflictError.
    """
    with changing("transition put", definition, message, by) as (written, record):
        terms.register(register)
        shelf = Shelf()
        rows.put(
            written.overrides,
            beneath=written.base(shelf),
            effective=written.machine(shelf),
            key=key,
            transition=transition,
            reason=reason,
            ticket=ticket,
        )
        record.summary = f"{'Changed' if key else 'Added'} {key or transition.key} in {written}"
    return written


def move(*, definition: Seen, key: Key, earlier: bool, message: str = "", by: Author) -> Definition:
    """Have the transition at `key` stand one place earlier, or later; nothing else moves.

    Raises ValidationError when it is the first or the last one already, and ConflictError.
    """
    with changing("transition moved", definition, message, by) as (written, record):
        shelf = Shelf()
        rows.move(
            written.overrides,
            beneath=written.base(shelf),
            effective=written.machine(shelf),
            key=key,
            earlier=earlier,
        )
        record.summary = f"Moved {key} {'up' if earlier else 'down'} in {written}"
    return written


def drop(
    *,
    definition: Seen,
    key: Key,
    reason: str = "",
    ticket: str = "",
    message: str = "",
    by: Author,
) -> Definition:
    """Have no transition at `key`. Raises ValidationError when there is none, and ConflictError."""
    with changing("transition dropped", definition, message, by) as (written, record):
        shelf = Shelf()
        rows.drop(
            written.overrides,
            beneath=written.base(shelf),
            effective=written.machine(shelf),
            key=key,
            reason=reason,
            ticket=ticket,
        )
        record.summary = f"Dropped {key} from {written}"
    return written


def restore(*, definition: Seen, key: Key, message: str = "", by: Author) -> Definition:
    """Remove the override of `key`, so that machine template and stages show again.

    Raises ValidationError when there is no such override, and ConflictError.
    """
    with changing("transition restored", definition, message, by) as (written, record):
        shelf = Shelf()
        beneath, effective = written.base(shelf), written.machine(shelf)
        if not rows.restore(written.overrides, beneath=beneath, effective=effective, key=key):
            raise ValidationError(f"{key} is not overridden.", code="no-such-override")
        record.summary = f"Restored {key} in {written}"
    return written
