"""Cells of CSV files: none of them is a formula."""

import pytest

from capabilities.deployment.csv_cells import guarded


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
