"""Texts as words that an address can carry."""

import base64
import re
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.packing import TEXT_LIMIT, PackingError, pack, unpack


def word_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_from_its_word(text: str) -> None:
    word = pack(text)
    assert unpack(word) == text
    assert re.fullmatch(r"[A-Za-z0-9_-]+", word)


def test_the_longest_text_comes_back() -> None:
    for letter in ("a", "🛑"):
        assert unpack(pack(letter * TEXT_LIMIT)) == letter * TEXT_LIMIT


@given(st.text())
def test_whatever_word_is_given_it_is_a_text_or_refused(word: str) -> None:
    with suppress(PackingError):
        assert isinstance(unpack(word), str)


@pytest.mark.parametrize(
    "word",
    [
        *("", "x", "é", "a b", "=" * 9, "%00", pack("text")[:-4], pack("text") + "AAAA"),
        pack("[A] - <e> {no action} -> [B]\n" * 99)[:40],
        word_of(b"\xff\xfe"),
        base64.urlsafe_b64encode(b"text").decode(),
    ],
)
def test_a_word_that_was_damaged_is_refused(word: str) -> None:
    with pytest.raises(PackingError, match="cut or changed"):
        unpack(word)


@pytest.mark.parametrize("letter", ["a", "🛑"])
def test_a_text_that_is_too_long_is_refused(letter: str) -> None:
    with pytest.raises(PackingError, match="more than 200,000 characters"):
        unpack(pack(letter * (TEXT_LIMIT + 1)))


def test_no_more_than_the_limit_is_ever_unpacked() -> None:
    bomb = word_of(b"a" * 100_000_000)
    assert len(bomb) < 150_000
    tracemalloc.start()
    with pytest.raises(PackingError, match="more than 200,000 characters"):
        unpack(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_000_000
