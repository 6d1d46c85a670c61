"""Gates: what a change must get past, and whether each of them stops it."""
