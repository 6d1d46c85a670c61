"""PostgreSQL's own grammar, by way of postgast, to our nodes."""
