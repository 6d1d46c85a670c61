"""Checks on who must approve what."""
