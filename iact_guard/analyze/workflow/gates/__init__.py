"""Which gates a job has, and what becomes of their failure."""
