"""What was worked out before, kept in the user's cache folder by what it was worked out from."""
