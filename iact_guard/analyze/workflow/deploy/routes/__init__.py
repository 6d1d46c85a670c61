"""The routes that an application answers, read from its sources without running any of them."""
