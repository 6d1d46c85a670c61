"""Facts about who owns which files."""
