"""What a real PostgreSQL says of Django's operations, and whether the files told it.

`variants` writes migrations, `measure` runs them on filled tables, `compare` holds both together.
"""
