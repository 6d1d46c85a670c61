"""Policies and facts to outcomes. Knows nothing of files and subprocesses."""
