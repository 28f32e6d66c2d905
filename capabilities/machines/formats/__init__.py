"""Machines in the formats of others: one function each, machine -> text."""
