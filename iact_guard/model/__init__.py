"""Nouns only: frozen entities, locations, facts, findings, policies. No I/O."""
