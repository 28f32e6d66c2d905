"""Cells of CSV files that a spreadsheet shows as they are."""

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula; the last four are the first ones, wide."""


def guarded(text: str) -> str:
    """The text as a cell that is never evaluated: with an apostrophe before what begins a formula.

    White space in front of it does not hide it: spreadsheets strip it.
    """
    return f"'{text}" if text.startswith(_BEGINS) or text.lstrip().startswith(_BEGINS) else text
