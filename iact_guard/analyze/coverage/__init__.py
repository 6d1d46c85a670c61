"""Facts about tests, coverage and thresholds."""
