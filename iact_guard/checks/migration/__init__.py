"""One check a file, named like its policy."""
