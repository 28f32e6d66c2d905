"""Thousands of saves at once, by several people: none is lost, none twice, and the log is whole.

`CONTESTED_SAVES=10000` makes more of them.
"""

import os
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from capabilities import checkpoints
from capabilities.authoring import capabilities, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.models import AuditEntry, AuditHead
from capabilities.verifying import faults

from .factories import definition, editor_author, effective, head, line, seen

WRITERS = 8
SAVES = int(os.environ.get("CONTESTED_SAVES", "2000"))
ROUNDS = SAVES // WRITERS
TIMEOUT = 60  # seconds


def save(name: str, theirs: Any, word: str) -> None:
    """Have one transition say another word, by the version that somebody saw."""
    said = line(f"[Queued] - <say> {{SendMessage {word}}} -> [Failed]")
    key = said.key if theirs.version > 1 else None
    overrides.put(definition=theirs, key=key, transition=said, by=editor_author(name))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_contested_saves_are_each_made_once_or_refused_and_the_log_is_whole() -> None:
    """In most rounds all save the same machine, in every tenth each one its own."""
    shared, *names = "shared", *(f"own-{number}" for number in range(WRITERS))
    for name in (shared, *names):
        capabilities.add(name=name, machine_template=None, by=editor_author())
    before = head()
    barrier = threading.Barrier(WRITERS, timeout=TIMEOUT)
    told: list[tuple[bool, str]] = []

    def write(index: int) -> None:
        try:
            for number in range(ROUNDS):
                contested = number % 10 != 9
                name = shared if contested else names[index]
                theirs = seen(name)
                barrier.wait()
                try:
                    save(f"p{index}", theirs, f"w{number}-{index}")
                    told.append((contested, "saved"))
                except ConflictError:
                    told.append((contested, "refused"))
                except Exception as error:
                    told.append((contested, repr(error)))
                barrier.wait()
        except Exception as error:  # of the test's own, or of a barrier that one of these broke
            barrier.abort()
            told.append((False, repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(index,)) for index in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own = ROUNDS // 10
    races = ROUNDS - own
    assert Counter(told) == {
        (True, "saved"): races,
        (True, "refused"): races * (WRITERS - 1),
        (False, "saved"): own * WRITERS,
    }
    # Every save is in the log, once; no refused one is; and the machines are what the log says.
    entries = list(AuditEntry.objects.filter(sequence__gt=before).order_by("sequence"))
    assert len(entries) == races + own * WRITERS
    assert [each.sequence for each in entries] == list(range(before + 1, before + len(entries) + 1))
    assert definition(shared).version == 1 + races
    assert all(definition(name).version == 1 + own for name in names)
    last = [entry for entry in entries if entry.name == shared][-1]
    assert effective(shared).transitions[-1].actions[0].argument in last.after
    assert list(faults()) == []
    checkpoint = checkpoints.read()
    assert checkpoint
    assert checkpoint.end == AuditHead.objects.values_list("sequence", "digest").get()
