"""Settings of the whole test run."""

import os

from hypothesis import settings

# A loaded machine is no reason to fail: speed is measured in benchmarks/.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

# A test that changes the program in place must not be answered by a run of the program as it is.
os.environ["IACT_GUARD_NO_CACHE"] = "1"
