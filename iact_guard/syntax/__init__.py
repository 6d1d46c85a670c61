"""Text to nodes of our own with exact positions. The only importer of third-party parsers."""
