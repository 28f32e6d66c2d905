"""Puts and drops as rows: the same for a machine template's layer and a definition's overrides.

Not a verb itself: `machine_templates` and `overrides` call these inside their own writes.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Max

from ..machines.layers import START, Change, Drop, Layer, Put, lay
from ..machines.machine import Key, Machine, Transition
from ..machines.notation import render_transition
from ..models import LayerRow

T = TypeVar("T", bound=LayerRow)

Rows = Any
"""The related manager of a definition's overrides or of a machine template's rows.

Only django-stubs knows its type.
"""


def put(
    rows: Rows,
    *,
    beneath: Machine,
    effective: Machine,
    key: Key | None,
    transition: Transition,
    **more: Any,
) -> LayerRow | None:
    """Have `transition` in the machine; `key` is the transition that it takes the place of.

    `beneath` is the machine under these rows, `effective` with them. When the key changes too, the
    old one is dropped and the new transition stands where it stood. What lies beneath as it is
    needs no row: then there is none, and None is returned. Raises ValidationError when the new key
    is another transition's.
    """
    if key is not None:
        require(effective, key)
    if transition.key != key and transition.key in effective.by_key:
        raise ValidationError(
            f"{transition.key} stands in this machine already; change that transition instead, "
            "or choose another event.",
            code="duplicate-key",
        )
    after: Key | None = None
    if key is not None and transition.key != key:
        # A key that lies beneath, dropped until now, comes back at its own place.
        after = None if transition.key in beneath.by_key else _before(effective, key)
        _drop(rows, beneath=beneath, key=key, **more)
    elif (own := rows.filter(source=transition.source, event=transition.event).first()) and (
        isinstance(own.change, Put)
    ):
        after = own.change.after
    row: LayerRow | None = None
    if after is None and beneath.by_key.get(transition.key) == transition:
        _restore(rows, transition.key)
    else:
        row = write(rows, Put(transition, after), beneath=beneath, **more)
    _keep_order(rows, beneath, effective, key or transition.key, transition.key)
    return row


def require(effective: Machine, key: Key) -> None:
    """Raise ValidationError when the machine has no transition at `key`."""
    if key not in effective.by_key:
        raise ValidationError(f"{key} is not in this machine.", code="no-such-transition")


def drop(rows: Rows, *, beneath: Machine, effective: Machine, key: Key, **more: Any) -> None:
    """Have no transition at `key`: a drop of what lies beneath, or the end of what these put.

    Raises ValidationError when there is no such transition.
    """
    require(effective, key)
    _drop(rows, beneath=beneath, key=key, **more)
    _keep_order(rows, beneath, effective, key, key)


def move(
    rows: Rows, *, beneath: Machine, effective: Machine, key: Key, earlier: bool, **more: Any
) -> None:
    """Have the transition at `key` change places with the one before it, or after it.

    Of the two, the one that these rows put anyway is written at its new place; else the one at
    `key`, as an override that says what it says already. Raises ValidationError at the ends.
    """
    require(effective, key)
    keys = list(effective.by_key)
    index = keys.index(key)
    other = index - 1 if earlier else index + 1
    if not 0 <= other < len(keys):
        end = "first" if earlier else "last"
        raise ValidationError(f"{key} stands {end} already.", code="no-place")
    keys[index], keys[other] = keys[other], keys[index]
    own = {row.key: row.change for row in rows.all() if not row.drop}
    moved = keys[index] if keys[index] in own and key not in own else key
    without = tuple(change for each, change in own.items() if each != moved)
    drops = tuple(row.change for row in rows.filter(drop=True))
    if list(lay(beneath, (*drops, *without)).by_key) == keys and (
        beneath.by_key.get(moved) == effective.by_key[moved]
    ):
        _restore(rows, moved)
        return
    place = keys.index(moved)
    after = keys[place - 1] if place else START
    write(rows, Put(effective.by_key[moved], after), beneath=beneath, **more)
    _arrange(rows, beneath, keys)


def _drop(rows: Rows, *, beneath: Machine, key: Key, **more: Any) -> None:
    if key in beneath.by_key:
        write(rows, Drop(key), beneath=beneath, **more)
    else:
        _restore(rows, key)


def restore(rows: Rows, *, beneath: Machine, effective: Machine, key: Key) -> bool:
    """Take away the row of `key`, so that what lies beneath shows; whether there was one."""
    restored = _restore(rows, key)
    _keep_order(rows, beneath, effective, key, key)
    return restored


def _restore(rows: Rows, key: Key) -> bool:
    removed, _ = rows.filter(source=key.source, event=key.event).delete()
    return bool(removed)


def _keep_order(rows: Rows, beneath: Machine, effective: Machine, old: Key, new: Key) -> None:
    """Leave all but the transition at `new`, at `old` until now, in the order of `effective`.

    A put may stand after the one that is gone or moved now. Then each is told anew what it stands
    after, in the order in which they stand.
    """
    found = _order(rows, beneath)
    wanted = [key for key in effective.by_key if key not in (old, new)]
    if new in found:
        index = found.index(new)
        place = wanted.index(found[index - 1]) + 1 if index else 0
        if old != new and new not in beneath.by_key:
            place = list(effective.by_key).index(old)
        wanted.insert(place, new)
    _arrange(rows, beneath, wanted)


def _order(rows: Rows, beneath: Machine) -> list[Key]:
    return list(lay(beneath, tuple(row.change for row in rows.all())).by_key)


def _arrange(rows: Rows, beneath: Machine, wanted: list[Key]) -> None:
    """Tell each put anew what it stands after, if the machine's order is not the wanted one."""
    if _order(rows, beneath) == wanted:
        return
    own = list(rows.all())
    puts = {row.key: row for row in own if not row.drop}
    after = START
    for position, key in enumerate(wanted, start=len(own)):
        if key in puts:
            row = puts[key]
            fill = row.columns(Put(row.change.transition, after))
            rows.filter(pk=row.pk).update(**fill, position=position)
        after = key


def write(rows: Rows, change: Change, *, beneath: Machine, **more: Any) -> LayerRow:
    """Write the row of a change over the one that its key has, or after all others.

    It keeps the line of `beneath` that it covers.
    """
    row: LayerRow | None = rows.filter(source=change.key.source, event=change.key.event).first()
    if row is None:
        last = rows.aggregate(last=Max("position"))["last"]
        row = rows.model(position=0 if last is None else last + 1)
        setattr(row, rows.field.name, rows.instance)
    fill(row, change, beneath=beneath, **more)
    row.full_clean()
    row.save()
    return row


def fill(row: LayerRow, change: Change, *, beneath: Machine, **more: Any) -> None:
    """Set the columns of a row to what `change` says, laid over `beneath`; does not save it."""
    covered = beneath.by_key.get(change.key)
    line = render_transition(covered) if covered else ""
    for name, value in {**row.columns(change), "beneath": line, **more}.items():
        setattr(row, name, value)


def replace(rows: Rows, layer: Layer, *, beneath: Machine) -> None:
    """Have exactly the changes of `layer`, in its order; a key keeps its reason and ticket.

    Nothing is validated: the values are read by the parser, or computed.
    """
    wanted = anew(list(rows.all()), rows.model, layer, beneath, **{rows.field.name: rows.instance})
    rows.all().delete()
    rows.bulk_create(wanted)


def anew(
    present: Iterable[T], model: type[T], layer: Layer, beneath: Machine, **owner: Any
) -> list[T]:
    """New rows for the changes of `layer`, not saved; `present` are those of the same keys."""
    by_key = {row.key: row for row in present}
    wanted = []
    for position, change in enumerate(layer):
        row = by_key.get(change.key) or model(**owner)
        row.pk = None
        fill(row, change, beneath=beneath, position=position)
        wanted.append(row)
    return wanted


def _before(machine: Machine, key: Key) -> Key | None:
    """The key before `key`, START for the first one's, None for the last one's own place."""
    keys = list(machine.by_key)
    if key not in keys or key == keys[-1]:
        return None
    index = keys.index(key)
    return keys[index - 1] if index else START
