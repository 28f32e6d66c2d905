"""The checkpoint: where the audit log ended, in a file outside of the database.

The chain alone cannot tell a log from an older copy of itself. The file can: the log has to
contain the entry that it names. It may be behind, for it is written after a commit, and a process
may be killed in between; it never goes back, unless somebody begins it anew.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from .models import AuditEntry

logger = logging.getLogger(__name__)

End = tuple[int, str]
"""The sequence and the digest of a log's last entry."""

REMEMBERED = 20  # times that it was begun anew


class CheckpointError(Exception):
    """The file does not hold a checkpoint that was written with this audit key."""


@dataclass(frozen=True)
class Anew:
    """When and by whom the checkpoint was begun anew, and the entries it went from and to."""

    at: str
    by: str
    was: int
    became: int


@dataclass(frozen=True)
class Checkpoint:
    """The last entry that is known to have been in the log."""

    sequence: int
    digest: str
    anew: tuple[Anew, ...] = ()

    @property
    def end(self) -> End:
        return self.sequence, self.digest


def read() -> Checkpoint | None:
    """The checkpoint; None where there is none yet, or none is wanted.

    Raises CheckpointError, and OSError when the file cannot be read.
    """
    path = _path()
    try:
        text = path.read_text(encoding="utf-8") if path else None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise CheckpointError("cannot be read") from error
    return None if text is None else _parsed(text)


def advance(start: End, end: End) -> None:
    """Move the checkpoint from where a write found the log's end to where it left it.

    For after a commit: whatever goes wrong is logged, and the write stands. Writes may come here in
    any order. A checkpoint that this log does not contain stays as it is, for `verify_audit`.
    """
    try:
        with _locked() as path:
            there = read() if path else None
            if path is None or (there and there.sequence >= end[0]):
                return
            if there and there.end != start and not _is_in_the_log(there):
                logger.error(
                    "The audit log does not contain entry %s, which the checkpoint names. "
                    "Run verify_audit.",
                    there.sequence,
                )
                return
            _write(path, Checkpoint(*end, there.anew if there else ()))
    except (CheckpointError, OSError, DatabaseError) as error:
        logger.error("The checkpoint of the audit log could not be written: %s", error)


def begin_anew(end: End, *, at: str, by: str) -> Anew | None:
    """Let the checkpoint name this end of the log, whatever it named, and remember that.

    None where no checkpoint is wanted. Raises OSError.
    """
    with _locked() as path:
        if path is None:
            return None
        try:
            there = read()
        except CheckpointError:
            there = None
        anew = Anew(at, by, there.sequence if there else 0, end[0])
        before = there.anew if there else ()
        _write(path, Checkpoint(*end, (*before, anew)[-REMEMBERED:]))
        return anew


def _path() -> Path | None:
    return Path(settings.AUDIT_CHECKPOINT) if settings.AUDIT_CHECKPOINT else None


def _is_in_the_log(checkpoint: Checkpoint) -> bool:
    return AuditEntry.objects.filter(
        sequence=checkpoint.sequence, digest=checkpoint.digest
    ).exists()


@contextlib.contextmanager
def _locked() -> Iterator[Path | None]:
    """The checkpoint's path, while no other thread or process writes there."""
    path = _path()
    if path is None:
        yield None
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not the file itself, which is another one after each write.
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _write(path: Path, checkpoint: Checkpoint) -> None:
    """Write it whole or not at all, whenever the process is killed."""
    draft = path.with_name(f"{path.name}.new")
    value = asdict(checkpoint)
    value["signature"] = _signature(value)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _parsed(text: str) -> Checkpoint:
    try:
        value = json.loads(text)
        signature = value.pop("signature")
        anew = tuple(Anew(**each) for each in value["anew"])
        checkpoint = Checkpoint(int(value["sequence"]), str(value["digest"]), anew)
        is_signed = hmac.compare_digest(str(signature), _signature(value))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError("cannot be read") from error
    if not is_signed:
        raise CheckpointError("was changed, or written with another AUDIT_KEY")
    return checkpoint


def _signature(value: dict[str, object]) -> str:
    # An entry's digest is of a list, so neither can stand for the other.
    text = json.dumps({"checkpoint": value}, sort_keys=True)
    return hmac.digest(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hex()
