"""One file a product, each a function that fits on a screen. The command line calls these."""
