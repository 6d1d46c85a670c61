"""The commit of this version's release, for a workflow that pins the action."""


def released_commit() -> str | None:
    """40 hex digits, or None where GitHub cannot be asked or has no such release."""
    return None
