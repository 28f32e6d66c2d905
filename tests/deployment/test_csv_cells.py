"""Cells of CSV files: none of them is a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.deployment.csv_cells import guarded, unguarded
from tests.strategies import names


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "\uff0b1"]
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "null", "a=1", "[Start] - <x> {no action} -> [End]", "1", "'"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.one_of(names, names.map("'{}".format), st.just("")))
def test_the_text_of_a_cell_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["'=1", "''=1", "' =1", "'", "''", "'a"])
def test_an_apostrophe_of_the_text_is_told_from_ours(text: str) -> None:
    assert unguarded(guarded(text)) == text
