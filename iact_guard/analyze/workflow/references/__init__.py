"""What expressions and scripts refer to, and whether it exists."""
