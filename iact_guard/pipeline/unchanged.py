"""A check of which nothing changed since it was last run: its result of then.

The key is made again after a run: what changed meanwhile is not remembered.
"""

import time
from dataclasses import fields, replace

from iact_guard import config as configuration
from iact_guard.evaluate.policies import refuse_unknown
from iact_guard.load.shipped import shipped
from iact_guard.model.result import Result
from iact_guard.pipeline.check import run
from iact_guard.pipeline.judged import configured
from iact_guard.pipeline.request import DECISIVE, CheckRequest, Listener
from iact_guard.tree import DiskTree

_NO_MATTER = ("root", "store", "timings", "event")


def check(request: CheckRequest, listener: Listener) -> Result:
    """The result of an earlier run with the same inputs, else of one now."""
    if request.store.home is None or not _whole(request):
        return run(request, listener)
    # The hook, which names files, does not wait for it.
    from iact_guard.pipeline.inputs import Digests, key_of

    began = time.perf_counter()
    config = configuration.load(DiskTree(request.root))
    policies = shipped()
    refuse_unknown(config, policies)
    listener.say("comparing with earlier runs")
    digests = Digests()
    inputs = key_of(request, config, policies, digests)
    if inputs and (known := request.store.get(inputs, Result)):
        took = {"unchanged": time.perf_counter() - began} if request.timings else {}
        return replace(known, policies=configured(policies, config), timings=took)
    result = run(request, listener)
    if inputs and _settled(result) and key_of(request, config, policies, digests) == inputs:
        request.store.put(inputs, replace(result, policies={}, timings={}))
    return result


def _whole(request: CheckRequest) -> bool:
    """Whether nothing but files and settings decides: no revision, no choice of files."""
    if request.event and request.event.is_review:  # its base holds the settings
        return False
    return all(
        getattr(request, field.name) == field.default
        for field in fields(request)
        if field.name not in (*DECISIVE, *_NO_MATTER)
    )


def _settled(result: Result) -> bool:
    """Whether another run would say the same: nothing ran out of time, crashed or died."""
    ended = all(
        report.settled and report.status not in ("failed", "timeout") for report in result.scanners
    )
    return ended and not any(finding.rule == "IG003" for finding in result.findings)
