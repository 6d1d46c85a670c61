"""Nouns only: frozen entities, locations, facts, findings, policies. No I/O, imports nothing of ours."""
