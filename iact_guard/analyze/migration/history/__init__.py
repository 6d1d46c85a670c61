"""Which migrations there are, in which order they run, and which are released."""
