"""What a migration as a whole makes of its steps."""
