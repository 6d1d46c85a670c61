"""Facts about scripts: what the other domains build on."""
