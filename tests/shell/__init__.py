"""The truth about scripts, made by running real shells."""
