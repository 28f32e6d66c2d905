"""How long verifying takes an entry, and that a longer log takes no more memory.

Promised are 1,000,000 entries in 60 s, which is 60 µs each, and in 300 MB.
"""

import tracemalloc
from time import perf_counter

import pytest
from django.conf import settings
from pytest_benchmark.fixture import BenchmarkFixture

from capabilities.authoring.plans import Plan
from capabilities.models import AuditEntry, AuditHead
from capabilities.verifying import Walk, faults

ENTRIES = 20_000
BOUND = 60  # µs an entry


def grow(number: int) -> None:
    """Add entries that say of the last machine again what the last one says, with its texts."""
    key, end = settings.AUDIT_KEY, AuditHead.objects.get()
    last = AuditEntry.objects.get(sequence=end.sequence)
    texts = last.after, last.made_of
    entries = []
    for _ in range(number):
        entry = AuditEntry(
            sequence=end.sequence + 1,
            **{name: getattr(last, name) for name in AuditEntry.HASHED[1:-3]},
            before=texts[0],
            after=texts[0],
            made_of=texts[1],
            previous=end.digest,
        )
        entry.digest = entry.computed_digest(key)
        end.sequence, end.digest = entry.sequence, entry.digest
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries, batch_size=1000)
    end.save()


def test_an_entry_takes_at_most_its_share_of_a_minute(
    benchmark: BenchmarkFixture, seed: Plan
) -> None:
    grow(ENTRIES)
    taken: list[float] = []

    def verify() -> None:
        start = perf_counter()
        assert list(faults()) == []
        taken.append(perf_counter() - start)

    benchmark.pedantic(verify, rounds=5, warmup_rounds=1)
    each = min(taken) / ENTRIES * 1e6
    benchmark.extra_info["an entry, in µs"] = round(each, 1)
    benchmark.extra_info["1,000,000 entries, in s"] = round(each, 1)
    assert each <= BOUND


def test_a_longer_log_takes_no_more_memory(benchmark: BenchmarkFixture, seed: Plan) -> None:
    peaks = []

    def peak() -> int:
        tracemalloc.start()
        try:
            assert not any(True for _ in Walk().faults())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    for _ in range(3):
        grow(ENTRIES // 4)
        peaks.append(peak())
    benchmark.pedantic(peak, rounds=1)
    benchmark.extra_info["at most, in MB"] = round(max(peaks) / 1e6, 1)
    assert peaks[-1] == pytest.approx(peaks[0], rel=0.1)
