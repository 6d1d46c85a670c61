"""Facts about workflows."""
