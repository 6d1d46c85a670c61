"""Findings of every tool to one ordered list: merged, de-duplicated, waived."""
