"""The pure core: machines as values, and what can be said about them.

Standard library only. Nothing in here knows Django, a database, a file or a clock, so everything
can be tried in a Python shell and tested without any set-up.
"""
