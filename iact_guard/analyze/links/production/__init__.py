"""The way to production: the search for a run past the gates."""
