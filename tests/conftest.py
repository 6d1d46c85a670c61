"""Settings of the whole test run."""

from hypothesis import settings

# A loaded machine is no reason to fail: speed is measured in benchmarks/.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
