"""Entities to facts with evidence. Knows nothing of policies and severities."""
