"""Exports, read by what they are for: the real consumers, in Python and in JavaScript."""
