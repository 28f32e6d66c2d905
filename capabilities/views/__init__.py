"""One module a noun; a view loads, calls one function, answers."""
