"""Every write that staff can make: one module a noun, one function a verb.

Each takes keyword-only arguments that end in `by`, runs in one transaction with its audit entries,
returns the object that it wrote, and raises ValidationError for what a person can mend. A verb that
changes what somebody else may be looking at takes the `version` that the person saw, and raises
`conflicts.ConflictError` when that is not the newest any more.
"""
