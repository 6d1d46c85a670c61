"""Statements of RunSQL."""
