"""What Django believes of models, and what their fields are in a table."""
