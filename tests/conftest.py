"""Settings of the whole test run."""

import os

from hypothesis import settings

# A loaded machine is no reason to fail: speed is measured in benchmarks/.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

# A test that changes the program in place must not be answered by a run of the program as it is.
os.environ["IACT_GUARD_NO_CACHE"] = "1"
# The tests may run in a pull request: what they check is no part of it.
for name in ("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_WORKSPACE", "GIT_INDEX_FILE"):
    os.environ.pop(name, None)
