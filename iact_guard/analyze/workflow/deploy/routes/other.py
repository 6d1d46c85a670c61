"""Routes of Spring, Go and Rails, by their annotations, calls and lines."""

import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of, combined
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.location import Location

_JVM = (".java", ".kt")
_MAPPING = re.compile(
    r"@(Request|Get|Post|Put|Patch|Delete)Mapping\b\s*(?:\(\s*(?:(?:value|path)\s*=\s*)?[{\[]?\s*([^)]*)\))?"
)
_QUOTED = re.compile(r"\"([^\"$]*)\"")
_TYPE = re.compile(r"\b(?:class|interface|object)\s+\w+")
_SPRING_OPEN = re.compile(
    r"RouterFunction|RouteLocator|addViewController|PathMatchConfigurer|WebMvcConfigurationSupport"
    r"|ServletRegistrationBean|@Path\(|@Controller\(\"|RestResource|@RepositoryRestResource|routing\s*\{"
)
_SETTING = re.compile(r"context-path|contextPath|base-path|basePath|spring\.cloud\.gateway|zuul|path-mapping")

_HANDLE = re.compile(r"\.(?:HandleFunc|Handle|Get|GET|Post|POST|Put|PUT|Patch|PATCH|Delete|DELETE|Any|All|Head|HEAD|Static\w*|Path)\(\s*(?:(\"|`)([^\"`]*)\1|(\w+\s*,))?")
_GO_GROUP = re.compile(r"\.(?:Group|Route|PathPrefix|Mount)\(\s*(?:(\"|`)([^\"`]*)\1|(\w+))?")
_GO_VERB = re.compile(r"^(?:[A-Z]+ )?(?:[\w.-]*(?=/))?")
_GO_OPEN = re.compile(r"NewSingleHostReverseProxy|httputil\.ReverseProxy|NoRoute\(|NotFound\(|runtime\.NewServeMux\(|RegisterHandlers\w*\(|HandlerFromMux|http\.StripPrefix")
_GO_SERVES = re.compile(r"http\.(?:ListenAndServe|Server\{|HandleFunc|Handle\()|gin\.(?:Default|New)\(|chi\.NewRouter|echo\.New\(|fiber\.New\(|mux\.NewRouter")

_RUBY = re.compile(r"^\s*(\w+)\b(.*)$")
_RUBY_TEXT = re.compile(r"^[\s(]*(?::(\w+)|['\"]([^'\"#]*)['\"])")
_RUBY_VERBS = frozenset({"get", "post", "put", "patch", "delete", "match"})


def spring_routes(sources: Sources) -> Iterator[Route]:
    """Annotated methods behind their class's; the actuator's endpoints where it is a dependency."""
    found = False
    for source in sources.texts(_JVM, "Mapping", "RouterFunction", "RouteLocator", "@Path(", "routing", "addViewController", "PathMatchConfigurer"):
        code = code_of(source)
        if match := _SPRING_OPEN.search(code):
            yield at(source, match, ANYTHING)
        types = [match.start() for match in _TYPE.finditer(code)]
        first = types[0] if types else 0
        starts, rest = [""], []
        for match in _MAPPING.finditer(code):
            found = True
            given = match[2] or ""
            texts = _QUOTED.findall(given)
            unclear = bool(given.strip()) and not texts
            patterns = [pattern_of(text) for text in texts] or [ANYTHING if unclear else ""]
            if match.start() < first:
                starts = patterns
            else:
                rest += [(match, pattern) for pattern in patterns]
        if len(types) > 1 and sum(1 for m in _MAPPING.finditer(code) if m[1] == "Request") > 1:
            starts = [*starts, ANYTHING]
        for match, pattern in rest:
            yield from (at(source, match, joined(start, pattern)) for start in starts)
    if not found:
        return
    for path in sources.code:
        if path.endswith((".properties", ".yml", ".yaml", "pom.xml", ".gradle", ".gradle.kts")):
            source = sources.text(path)
            if source and "actuator" in source.text:
                yield Route(joined("actuator", ANYTHING), Location(path))
            if source and _SETTING.search(source.text):
                yield Route(ANYTHING, Location(path))


def go_routes(sources: Sources) -> Iterator[Route]:
    """Literal routes, behind any chain of the literal prefixes of groups."""
    files = [(s, code_of(s)) for s in sources.texts((".go",), "http", "gin", "chi", "echo", "fiber", "mux")]
    if not any(_GO_SERVES.search(code) for _, code in files):
        return
    prefixes: set[str] = set()
    routes: list[Route] = []
    for source, code in files:
        if match := _GO_OPEN.search(code):
            yield at(source, match, ANYTHING)
        for match in _GO_GROUP.finditer(code):
            prefixes.add(ANYTHING if match[2] is None else pattern_of(match[2]))
        for match in _HANDLE.finditer(code):
            if match[2] is None:
                if match[3]:
                    routes.append(at(source, match, ANYTHING))
                continue
            text = _GO_VERB.sub("", match[2])
            if text.endswith("/") and "Handle" in match[0] or "Static" in match[0]:
                text = f"{text}*"  # the standard library's: everything below
            routes.append(at(source, match, pattern_of(text)))
    every = combined(prefixes, routes, 3)
    yield from every if every is not None else (Route(ANYTHING, files[0][0].location(0, 1)),)


def rails_routes(sources: Sources) -> Iterator[Route]:
    """`config/routes.rb`, line by line; what is no plain route may be anything below its block."""
    for source in sources.texts((".rb",), "routes.draw"):
        stack: list[str] = []
        offset = 0
        for line in source.text.splitlines(keepends=True):
            start, offset = offset, offset + len(line)
            code = line.split("#")[0] if "#{" not in line else line
            match = _RUBY.match(code.rstrip())
            if match is None or not code.strip():
                continue
            word, rest = match[1], match[2]
            prefix = joined(*stack)
            place = source.location(start, start + len(line.rstrip("\r\n")) or 1)
            if word == "end":
                stack = stack[:-1]
                continue
            text = _RUBY_TEXT.match(rest)
            name = (text[1] or text[2] or "") if text else None
            opens = bool(re.search(r"\bdo\b(?:\s*\|[^|]*\|)?\s*$", code))
            below = ""
            if word in _RUBY_VERBS:
                hash_given = "=>" in rest
                yield Route(joined(prefix, ANYTHING if name is None else pattern_of(name)), place)
                if hash_given and name is None:
                    yield Route(joined(prefix, ANYTHING), place)
            elif word == "root":
                yield Route(prefix, place)
            elif word in ("namespace", "scope"):
                moved = "path" in rest or name is None
                below = ANYTHING if moved and word == "namespace" else name or ""
                below = ANYTHING if word == "scope" and moved and "path" in rest else below
            elif word in ("resources", "resource"):
                names = re.findall(r":(\w+)(?!\s*=>)", rest.split(",", 1)[0]) or [""]
                for each in names:
                    yield Route(joined(prefix, ANYTHING if "path" in rest else each or ANYTHING), place)
                    yield Route(joined(prefix, each or ANYTHING, ANYTHING), place)
                below = joined(names[0], "*") if opens else ""
            elif word not in ("Rails", "require", "if", "unless", "else"):
                yield Route(joined(prefix, ANYTHING), place)
            if opens or (word in ("if", "unless")):
                stack.append(below)
