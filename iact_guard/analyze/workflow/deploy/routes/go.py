"""Routes of Go: literals that the routers of the standard library, gin, chi, echo are given."""

import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of, combined
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.regex import regex

MAX_GROUPS = 3
"""Prefixes in front of one route."""
_HANDLE = regex(
    r"(\w*)\.(HandleFunc|Handle|Get|GET|Post|POST|Put|PUT|Patch|PATCH|Delete|DELETE|Any|All|Head|HEAD"
    r"|Static\w*|Path)\(\s*(?:([\"`])([^\"`]*)\3|(\w+\s*,))?"
)
_ROUTERS = frozenset({"r", "router", "mux", "app", "e", "g", "api", "group", "engine", "http"})
"""Usual names; what has another one and is given no literal is rather a store or a client."""
_GROUP = regex(r"\.(?:Group|Route|PathPrefix|Mount)\(\s*(?:([\"`])([^\"`]*)\1)?")
_VERB = regex(r"^(?:[A-Z]+ )?(?:[\w.-]*(?=/))?")
_OPEN = regex(
    r"NewSingleHostReverseProxy|httputil\.ReverseProxy|NoRoute\(|NotFound\(|runtime\.NewServeMux\("
    r"|RegisterHandlers\w*\(|HandlerFromMux|http\.StripPrefix"
)
_SERVES = regex(
    r"http\.(?:ListenAndServe|Server\{|HandleFunc|Handle\()|gin\.(?:Default|New)\(|chi\.NewRouter"
    r"|echo\.New\(|fiber\.New\(|mux\.NewRouter"
)


def routes_of(sources: Sources) -> Iterator[Route]:
    """Literal routes, behind any chain of the literal prefixes of groups."""
    texts = sources.texts((".go",), "http", "gin", "chi", "echo", "fiber", "mux")
    files = [(source, code_of(source)) for source in texts]
    if not any(_SERVES.search(code) for _, code in files):
        return
    prefixes: set[str] = set()
    routes: list[Route] = []
    for source, code in files:
        if match := _OPEN.search(code):
            yield at(source, match, ANYTHING)
        for match in _GROUP.finditer(code):
            prefixes.add(ANYTHING if match[2] is None else pattern_of(match[2]))
        for match in _HANDLE.finditer(code):
            if match[4] is not None:
                routes.append(at(source, match, _pattern(match)))
            elif match[5] and (match[1] in _ROUTERS or match[2].startswith("Handle")):
                routes.append(at(source, match, ANYTHING))
    yield from combined(prefixes, routes, MAX_GROUPS)


def _pattern(match: re.Match[str]) -> str:
    """`GET /a/`: in the standard library a slash at the end takes everything below."""
    text = _VERB.sub("", match[4])
    below = (text.endswith("/") and "Handle" in match[0]) or "Static" in match[0]
    return pattern_of(f"{text}*" if below else text)
