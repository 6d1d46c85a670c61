"""Checks on workflows and actions."""
