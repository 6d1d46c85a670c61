"""Nodes to entities, one file a format. Format quirks die here; no loader knows of policies."""
