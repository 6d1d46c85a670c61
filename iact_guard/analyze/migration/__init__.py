"""Facts about Django migrations: order, state, and what each operation does to a live database."""
