"""Checks on coverage and tests."""
