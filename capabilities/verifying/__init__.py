"""Whether the audit log is whole, and the machines are what it says that they are.

Everything is computed anew from the stored columns. A log of any length takes the same memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from .. import checkpoints, triggers
from .chain import Walk
from .faults import Fault
from .live import machine_faults

__all__ = ["Fault", "Walk", "faults", "machine_faults"]


def faults(walk: Walk | None = None) -> Iterator[Fault]:
    """Yield every fault, those of the chain first and in its order.

    `walk` can be passed to be asked afterwards what was seen on the way. Others may write
    meanwhile: all that is looked at is of one moment.
    """
    walk = walk or Walk()
    unreadable, checkpoint = "", None
    try:
        # Before anything of the database, which can only be farther than the checkpoint then.
        checkpoint = checkpoints.read()
    except checkpoints.CheckpointError as error:
        unreadable = str(error)
    with _one_moment():
        yield from walk.faults(checkpoint)
        if unreadable:
            yield Fault(None, unreadable, "the checkpoint")
        yield from machine_faults(walk)
        for name, problem in triggers.faults(connection, triggers.ALL):
            yield Fault(None, problem, f"the trigger {name}")


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the database as it is now, and that no writer waits for."""
    if connection.in_atomic_block:
        yield
        return
    mode = getattr(connection, "transaction_mode", None)
    try:
        if connection.vendor == "sqlite":
            connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.transaction_mode = mode  # type: ignore[attr-defined]
