"""Jobs that stand behind a deployment for the case that it fails: they bring no new version."""

import re

from iact_guard.analyze.workflow.after_failure import asks_for_failure
from iact_guard.model.authored import Authored
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

_BACK = regex(r"\broll[ _-]?back|\brevert|\bundo\b", re.IGNORECASE)
_FAILED = regex(r"needs\.[\w-]+\.result(?:=='failure'|!='success')")
_WORKED = regex(r"needs\.[\w-]+\.result(?:=='success'|!='failure')")


def goes_back(*names: Authored | str | None) -> bool:
    """Whether a name says that the version before is brought back."""
    return any(_BACK.search(name.text if isinstance(name, Authored) else name) for name in names
               if name)  # fmt: skip


def follows_failure(job: Job) -> bool:
    """Whether a job is there for the failure of one that it needs, by its name or its `if`."""
    if not job.needs:
        return False
    return goes_back(job.key, job.name) or asks_for_job_failure(job.condition)


def asks_for_job_failure(condition: Authored | None) -> bool:
    """Whether the `if` of a job asks for the failure of another one."""
    if condition is None:
        return False
    text = condition.text.replace(" ", "").replace('"', "'")
    reads = _FAILED.search(text) is not None and not _WORKED.search(text)
    return reads or asks_for_failure(condition)
