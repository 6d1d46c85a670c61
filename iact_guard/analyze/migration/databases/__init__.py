"""What a step costs on each database."""
