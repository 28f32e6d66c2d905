"""What pages need to show what is decided beside a difference."""

from collections.abc import Mapping

from django import template

from ..machines.machine import Key

register = template.Library()


@register.filter
def at_key(rows: Mapping[Key, object] | str, key: Key) -> object | None:
    """The row at a key; None where the page has no rows at all."""
    return rows.get(key) if isinstance(rows, Mapping) else None
