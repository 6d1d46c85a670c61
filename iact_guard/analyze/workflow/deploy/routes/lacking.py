"""Whether a path that a test asks for is none of the application's, for certain."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.routes.application import Application, application_of
from iact_guard.analyze.workflow.deploy.routes.route import Route, answers, joined
from iact_guard.data.tables import table
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.syntax.text import Text

MAX_ALIKE = 3
"""Routes that are named in a finding."""
MAX_COMPARED = 2_000
"""Routes whose spelling is looked at."""
_PATH = regex(r"[\w./-]+")
_WORD = regex(r"[a-z]+\d*[a-z]*")
_USUAL = regex(r"api|rest|v\d+|public|internal|\*")
"""Segments that an address may end with, before the path that a test puts behind it."""
_BACKENDS = frozenset({"api", "apis", "backend", "server", "service", "svc"})
_EXEMPT = regex(
    r"exempt|exclu|skip|public|white_?list|allow|ignor|bypass|unprotected|no_?auth|permitall|matcher",
    re.IGNORECASE,
)
"""Words of lists of paths that a middleware leaves alone: it answers none of them."""
_MOUNTS = regex(
    r"add_router|include_router|register_blueprint|prefix|include\(|\.use\(|Group\(|\bscope\b"
    r"|\bnamespace\b|\bMount\(|\[Route\(|RequestMapping|@Controller"
)
"""Lines that put routes behind a path: those are read."""
MAX_LIST = 12
"""Lines between the name of such a list and a path in it."""
_COMMENTS = ("#", "//", "*", "/*", "<!--")
_CLIENTS = ("curl", "wget", "http://", "https://")


@dataclass(frozen=True, slots=True)
class Asked:
    """A path, and where it is asked for."""

    path: str
    """As written, with a slash in front."""
    host: str
    """A host; the name of a variable or an expression where only a run knows it."""
    is_known: bool
    """Whether the address is known: one that is not may end with a part of the path."""


def alike_if_lacking(ctx: Context, asked: Asked) -> tuple[Route, ...] | None:
    """The routes that look alike where none is this one; None where it may be answered."""
    wanted = asked.path.partition("?")[0].partition("#")[0].strip("/")
    if not wanted or not _PATH.fullmatch(wanted) or _is_another(asked):
        return None
    application = application_of(ctx, Repository()).known
    if application is None or _is_answered(application, asked, wanted):
        return None
    if _is_spoken_of(application, wanted):
        return None
    return tuple(_alike(application, wanted))


def _is_another(asked: Asked) -> bool:
    """Whether another product, or a machine with several services, is asked."""
    name = asked.host.lower().rpartition("@")[2]
    host = name.rpartition(":")[0] or name
    inner = asked.is_known and ("." not in host or host in table("probes")["own"])
    return inner or not frozenset(table("frameworks")["products"]).isdisjoint(_WORD.findall(name))


def _is_answered(application: Application, asked: Asked, wanted: str) -> bool:
    """By a route, behind a part of the address or one that a proxy takes away, or by a page."""
    patterns = {route.pattern for route in application.routes}
    starts = [""] if asked.is_known else sorted({"", *_usual_starts(patterns)})
    if any(answers(each, joined(start, wanted)) for each in patterns for start in starts):
        return True
    is_backend = bool(_BACKENDS & set(_WORD.findall(asked.host.lower())))
    if is_backend:
        return False
    certain = [route.pattern for route in application.routes if route.certain]
    segments = wanted.split("/")
    rests = ["/".join(segments[index:]) for index in range(1, len(segments))]
    if any(answers(each, rest) for each in certain for rest in rests):
        return True
    firsts = {each.partition("/")[0] for each in certain}
    return application.has_pages and segments[0] not in firsts


def _usual_starts(patterns: set[str]) -> Iterator[str]:
    for pattern in patterns:
        segments = pattern.split("/")
        for end in range(1, len(segments)):
            if not _USUAL.fullmatch(segments[end - 1]):
                break
            yield "/".join(segments[:end])


def _is_spoken_of(application: Application, wanted: str) -> bool:
    """Whether a middleware, a server or a platform of the repository may answer it."""
    segments = [re.escape(each) for each in wanted.split("/")]
    ends = ["/".join(segments[index:]) for index in range(len(segments))]
    some = "|".join(ends)
    quoted = re.compile(rf"[\"'`^]/(?:{some})/?[\"'`$?*]", re.IGNORECASE)
    served = re.compile(rf"(?:^|[\s\"'`=(^~])/(?:{some})(?![\w-])", re.IGNORECASE)
    sources = application.sources
    lines = {(route.location.path, route.location.line) for route in application.routes}
    name = wanted.rpartition("/")[2].lower()
    for paths, pattern in ((sources.code, quoted), (sources.servers, served)):
        for path in paths:
            source = sources.text(path)
            if source is None:
                return True
            if name not in source.text.lower():
                continue
            for match in pattern.finditer(source.text):
                line = source.position(match.start() + 1)[0]
                if (path, line) not in lines and not _only_names(source, line):
                    return True
    return False


def _only_names(source: Text, line: int) -> bool:
    """Whether a line asks for a path, mounts one, or lists those that something leaves alone."""
    text = source.line(line)
    if text.lstrip().startswith(_COMMENTS) or any(word in text for word in _CLIENTS):
        return True
    if _MOUNTS.search(text):
        return True
    around = (source.line(number) for number in range(max(1, line - MAX_LIST), line + 1))
    return any(_EXEMPT.search(each) for each in around)


def _alike(application: Application, wanted: str) -> Iterator[Route]:
    """Those that end alike, then those that are spelled alike; one for each declaration."""
    shortest: dict[Location, Route] = {}
    for each in application.routes:
        if each.certain and each.pattern:
            before = shortest.setdefault(each.location, each)
            if len(each.pattern) < len(before.pattern):
                shortest[each.location] = each
    certain = {each.pattern: each for each in shortest.values()}
    name = wanted.rpartition("/")[2].lower()
    same = [each for each in sorted(certain) if each.rpartition("/")[2].lower() == name]
    close = get_close_matches(wanted, sorted(certain)[:MAX_COMPARED], n=MAX_ALIKE, cutoff=0.6)
    names = list(dict.fromkeys((*same, *close)))
    yield from (certain[each] for each in names[:MAX_ALIKE])
