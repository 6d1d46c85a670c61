"""Facts about secrets in files. A value never leaves the detector."""
