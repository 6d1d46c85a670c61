"""Routes of Django: `urlpatterns`, what they include, routers of the REST framework."""

import ast
from collections.abc import Iterator
from dataclasses import field

from iact_guard.analyze.workflow.deploy.routes.python_code import (
    Code,
    Modules,
    called,
    calls_in,
    keyword,
    literal,
)
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

MAX_DEPTH = 8
"""Of includes within includes."""
MAX_ROUTES = 20_000
_PLAIN = regex(r"\^?((?:[\w/-]|\\[/.-])*)(\$?)")
_NAMED = regex(r"\(\?P<\w+>\^?(?:\[[^\[\]/]*\]|\\[wdS])[+*]?(?:\{\d+(?:,\d*)?\})?\$?\)")


@dataclass(slots=True)
class Urls:
    """The readers' state: what it has found, and the APIs that are mounted."""

    modules: Modules
    mounted: dict[tuple[str, str], list[tuple[str, Location]]] = field(default_factory=dict)
    """Objects with routes of their own (`api.urls`), by file and name, with their prefixes."""
    count: int = 0


def routes_of(urls: Urls) -> Iterator[Route]:
    """The routes of every root: what the settings name, or what nothing includes."""
    files = {p: c for p, c in urls.modules.by_path.items() if "urlpatterns" in c.names.values}
    roots = [path for path in _configured(urls.modules) if path in files]
    for path in roots or sorted(files):
        if not roots and path in _included(urls.modules, files):
            continue
        yield from _file(urls, files[path], "", 0)


def _configured(modules: Modules) -> list[str]:
    found: list[str] = []
    for code in modules.by_path.values():
        for binding in code.names.values.get("ROOT_URLCONF", ()):
            if text := literal(binding.node):
                found += modules.named(text)
    return sorted(set(found))


def _included(modules: Modules, files: dict[str, Code]) -> frozenset[str]:
    texts = (literal(c.args[0]) for code in files.values() for c in calls_in(code.tree)
             if called(c) == "include" and c.args)  # fmt: skip
    return frozenset(path for text in texts if text for path in modules.named(text))


def _file(urls: Urls, code: Code, prefix: str, depth: int) -> Iterator[Route]:
    if depth > MAX_DEPTH:
        yield Route(joined(prefix, ANYTHING), code.module.location(code.tree.body[0]))
        return
    for binding in code.names.values.get("urlpatterns", ()):
        if binding.loops:
            yield Route(joined(prefix, ANYTHING), code.module.head(binding.node))
        else:
            yield from _value(urls, code, binding.node, prefix, depth)


def _value(urls: Urls, code: Code, node: ast.expr, prefix: str, depth: int) -> Iterator[Route]:
    """A list of routes, or one; what is not understood may be anything below the prefix."""
    urls.count += 1
    if isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            yield from _value(urls, code, each, prefix, depth)
    elif isinstance(node, ast.Starred):
        yield from _value(urls, code, node.value, prefix, depth)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and depth <= MAX_DEPTH:
        for each in (node.left, node.right):
            yield from _value(urls, code, each, prefix, depth + 1)
    elif isinstance(node, ast.Name) and (bound := code.names.single(node.id)) and depth < MAX_DEPTH:
        yield from _value(urls, code, bound, prefix, depth + 1)
    elif isinstance(node, ast.Call) and urls.count < MAX_ROUTES:
        yield from _call(urls, code, node, prefix, depth)
    else:
        yield from _other(urls, code, node, prefix)


def _call(urls: Urls, code: Code, node: ast.Call, prefix: str, depth: int) -> Iterator[Route]:
    name = called(node)
    if name in ("static", "staticfiles_urlpatterns"):
        return  # only while debugging
    if name == "i18n_patterns":
        for each in node.args:
            for start in (prefix, joined(prefix, "*")):
                yield from _value(urls, code, each, start, depth + 1)
    elif name in ("path", "re_path", "url") and node.args:
        route = node.args[0] if node.args else keyword(node, "route")
        text = literal(route)
        pattern = ANYTHING if text is None else pattern_of(text)
        if text is not None and name != "path":
            pattern = _of_expression(text)
        if text == "":
            pattern = ""
        view = node.args[1] if len(node.args) > 1 else keyword(node, "view")
        yield from _view(urls, code, view, joined(prefix, pattern), node, depth)
    elif name in ("format_suffix_patterns", "decorator_include"):
        yield from _value(urls, code, node.args[0], prefix, depth + 1) if node.args else ()
    else:
        yield from _other(urls, code, node, prefix)


def _of_expression(text: str) -> str:
    """A regular expression as a pattern, where it is simple enough to be one."""
    simple = _NAMED.sub("\0", text)
    parts = simple.lstrip("^").rstrip("$").rstrip("?").strip("/").split("/")
    plain = [("*" if "\0" in part else part.replace("\\", "")) for part in parts]
    if not all(_PLAIN.fullmatch(part.replace("\0", "")) for part in parts):
        return ANYTHING
    ends = simple.endswith(("$", "/", "\0"))
    return joined(*plain) if ends else joined(*plain[:-1], ANYTHING)


def _view(
    urls: Urls, code: Code, view: ast.expr | None, prefix: str, node: ast.Call, depth: int
) -> Iterator[Route]:
    if isinstance(view, ast.Call) and called(view) == "include" and view.args:
        yield from _include(urls, code, view.args[0], prefix, depth)
    elif isinstance(view, ast.Attribute) and view.attr in ("urls", "site_urls"):
        yield from _other(urls, code, view, prefix)
    else:
        yield Route(prefix, code.module.head(node))


def _include(urls: Urls, code: Code, node: ast.expr, prefix: str, depth: int) -> Iterator[Route]:
    text = literal(node)
    if isinstance(node, ast.Tuple) and node.elts:
        yield from _include(urls, code, node.elts[0], prefix, depth)
    elif text is not None:
        files = urls.modules.named(text)
        known = [urls.modules.by_path[p] for p in files if p in urls.modules.by_path]
        for each in known:
            yield from _file(urls, each, prefix, depth + 1)
        if not known:
            yield Route(joined(prefix, ANYTHING), code.module.head(node))
    elif isinstance(node, ast.List | ast.Name):
        yield from _value(urls, code, node, prefix, depth + 1)
    else:
        yield from _other(urls, code, node, prefix)


def _other(urls: Urls, code: Code, node: ast.expr, prefix: str) -> Iterator[Route]:
    """`router.urls`, `api.urls`, `admin.site.urls`, or something that is not known."""
    if isinstance(node, ast.Attribute) and node.attr == "urls":
        registered = list(_registered(code, node.value, prefix))
        if registered:
            yield from registered
            return
        found = urls.modules.resolve(code, node.value)
        if found is not None:
            urls.mounted.setdefault(found, []).append((prefix, code.module.head(node)))
            return
    yield Route(joined(prefix, ANYTHING), code.module.head(node))


def _registered(code: Code, router: ast.expr, prefix: str) -> Iterator[Route]:
    """What a router of the REST framework was given in the same file: views below their names."""
    made = code.names.single(router.id) if isinstance(router, ast.Name) else None
    if not isinstance(router, ast.Name) or called(made) not in ("DefaultRouter", "SimpleRouter"):
        return
    yield Route(prefix, code.module.head(router))
    for call in calls_in(code.tree):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if called(call) != "register" or not call.args or not isinstance(owner, ast.Name):
            continue
        if owner.id == router.id:
            text = literal(call.args[0])
            start = ANYTHING if text is None else _of_expression(f"{text}/") if text else ""
            yield Route(joined(prefix, start, ANYTHING), code.module.head(call))
