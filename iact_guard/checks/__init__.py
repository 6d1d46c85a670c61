"""Facts to verdicts: one check a file, named like its policy. No files, no parsers, no regexes."""
