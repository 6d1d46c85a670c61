"""The shape of a workflow, from GitHub's "Workflow syntax for GitHub Actions".

Held against GitHub's own parser (npm `@actions/workflow-parser`) by `tests/tools/github_parser.py`.
"""

from iact_guard.load.shape import Each, Shape, keys, leaf

TEXT = leaf("text", "null")
WORD = leaf("word")
WORD_OR_EXPRESSION = leaf("word", "expression")
FLAG = leaf("flag", "expression")
NUMBER = leaf("number", "expression")
MAP = leaf("map")
MAP_OR_EXPRESSION = leaf("map", "expression")
LIST = leaf("list", "expression")
WORDS = leaf("word", "list")
ANY = leaf("any")
_SCOPES = (
    "actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents",
    "copilot-requests", "deployments", "discussions", "drives", "id-token", "issues", "models",
    "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
    "vulnerability-alerts",
)  # fmt: skip
PERMISSIONS = keys(dict.fromkeys(_SCOPES, WORD), "word")

_DEFAULTS = keys({"run": keys({"shell": WORD, "working-directory": WORD})})
_OF_JOB = {"shell": WORD_OR_EXPRESSION, "working-directory": WORD_OR_EXPRESSION}
_CONCURRENCY = {
    "group": WORD_OR_EXPRESSION, "cancel-in-progress": FLAG, "queue": ANY,
}  # fmt: skip
_CONTAINER = {
    "image": WORD_OR_EXPRESSION, "env": MAP_OR_EXPRESSION, "ports": LIST, "volumes": LIST,
    "options": TEXT, "credentials": ANY, "command": TEXT, "entrypoint": TEXT,
}  # fmt: skip

_STEP: dict[str, Shape] = {
    "id": WORD, "if": TEXT, "name": TEXT, "uses": WORD, "run": TEXT, "working-directory": TEXT,
    "shell": WORD, "with": MAP_OR_EXPRESSION, "env": MAP_OR_EXPRESSION, "continue-on-error": FLAG,
    "timeout-minutes": NUMBER, "background": ANY, "wait": ANY, "wait-all": ANY, "cancel": ANY,
}  # fmt: skip
STEP = keys({**_STEP, "parallel": Each(keys(_STEP), listed=True)})

JOB = keys({
    "name": TEXT, "permissions": PERMISSIONS, "needs": WORDS, "if": TEXT,
    "runs-on": leaf("word", "expression", "list", "any"),
    "environment": keys({"name": TEXT, "url": TEXT, "deployment": FLAG}, "text", "null"),
    "concurrency": keys(_CONCURRENCY, "word", "expression"),
    "outputs": MAP, "env": MAP_OR_EXPRESSION, "defaults": keys({"run": keys(_OF_JOB)}),
    "steps": Each(STEP, listed=True),
    "timeout-minutes": NUMBER, "cancel-timeout-minutes": NUMBER, "continue-on-error": FLAG,
    "strategy": keys({"matrix": ANY, "fail-fast": FLAG, "max-parallel": NUMBER}, "expression"),
    "container": keys(_CONTAINER, "text", "null"),
    "services": Each(keys(_CONTAINER, "text", "null")),
    "uses": WORD, "with": MAP, "secrets": leaf("map", "word"), "snapshot": ANY,
})  # fmt: skip

# A job that calls a workflow has fewer keys.
CALL = keys({
    name: JOB.known[name]
    for name in ("name", "permissions", "needs", "if", "concurrency", "strategy", "uses", "with",
                 "secrets")
})  # fmt: skip

_FILTERS = (
    "branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "types",
    "workflows", "names", "versions",
)  # fmt: skip
_DECLARED = dict.fromkeys(("inputs", "outputs", "secrets"), Each(ANY))
_EVENT = keys({**dict.fromkeys(_FILTERS, WORDS), **_DECLARED}, "null")
_SCHEDULE = Each(keys({"cron": WORD, "timezone": WORD}), listed=True)

# Events that GitHub knows: a strange one is a remark, like any other key.
EVENTS = (
    "branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment",
    "deployment_status", "discussion", "discussion_comment", "fork", "gollum", "image_version",
    "issue_comment", "issues", "label", "merge_group", "milestone", "page_build", "project",
    "project_card", "project_column", "public", "pull_request", "pull_request_comment",
    "pull_request_review", "pull_request_review_comment", "pull_request_target", "push",
    "registry_package", "release", "repository_dispatch", "status", "watch", "workflow_call",
    "workflow_dispatch", "workflow_run",
)  # fmt: skip

WORKFLOW: Shape = keys({
    "name": TEXT, "run-name": TEXT, "description": TEXT,
    "on": keys({**dict.fromkeys(EVENTS, _EVENT), "schedule": _SCHEDULE}, "word", "list", "null"),
    "permissions": PERMISSIONS, "env": MAP_OR_EXPRESSION, "defaults": _DEFAULTS,
    "concurrency": keys(_CONCURRENCY, "text", "null", "expression"),
    "jobs": ANY,
})  # fmt: skip
