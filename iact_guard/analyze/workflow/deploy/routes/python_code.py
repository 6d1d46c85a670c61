"""Python modules that declare routes, and what their names stand for."""

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import field

from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.load.python_names import Names, names_of
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.syntax import python

_ROOTS = ("urlpatterns", "FastAPI(", "Flask(", "NinjaAPI(", "ROOT_URLCONF")
_SPEAKS_OF_ROUTES = (
    "urlpatterns", "Router(", "FastAPI(", "Flask(", "Blueprint(", "NinjaAPI(", "ROOT_URLCONF",
    "include_router", "register_blueprint", "add_router", "NinjaExtraAPI(",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """A module, and what it binds at its top."""

    path: str
    module: python.Module
    names: Names

    @property
    def tree(self) -> ast.Module:
        """Its nodes."""
        return self.module.tree


@dataclass(slots=True)
class Modules:
    """The modules that speak of routes, by their path."""

    by_path: dict[str, Code] = field(default_factory=dict)
    paths: dict[str, list[str]] = field(default_factory=dict)
    """Every module of the repository by its last name: where imports lead."""

    def named(self, dotted: str) -> list[str]:
        """The files that a dotted name can mean, packages included."""
        file = dotted.replace(".", "/")
        endings = (f"/{file}.py", f"/{file}/__init__.py")
        candidates = self.paths.get(file.rpartition("/")[2], ())
        return [path for path in candidates if f"/{path}".endswith(endings)]

    def resolve(self, code: Code, node: ast.expr) -> tuple[str, str] | None:
        """The file and the name that `name` or `module.name` stands for; None if unclear."""
        if isinstance(node, ast.Name):
            dotted = code.names.imports.get(node.id)
            if dotted is None:
                return code.path, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            dotted = f"{code.names.imports.get(node.value.id, node.value.id)}.{node.attr}"
        else:
            return None
        return self.resolve_dotted(dotted)

    def resolve_dotted(self, dotted: str, depth: int = 4) -> tuple[str, str] | None:
        """The same for `package.module.name`, through what packages import again."""
        module, _, name = dotted.rpartition(".")
        found = self.named(module)
        if len(found) != 1:
            return None
        code = self.by_path.get(found[0])
        if code and (again := code.names.imports.get(name)) and depth and again != dotted:
            return self.resolve_dotted(again, depth - 1)
        return found[0], name


def modules_of(sources: Sources) -> Modules:
    """Read them; a file that is no Python counts as unread."""
    found = Modules()
    for path in sources.code:
        if path.endswith(".py"):
            whole = posixpath.dirname(path) if path.endswith("/__init__.py") else path[:-3]
            found.paths.setdefault(posixpath.basename(whole), []).append(path)
    for source in sources.texts((".py",)):
        speaks = any(word in source.text for word in _SPEAKS_OF_ROUTES)
        if not speaks and not source.path.endswith("/__init__.py"):
            continue
        try:
            module = python.parse(source)
        except UnreadableError:
            # What nothing reads is not mounted for certain either: only a root would be missed.
            if any(word in source.text for word in _ROOTS):
                sources.unread.append(source.path)
            continue
        folder = posixpath.dirname(source.path)
        names = names_of(module.tree.body, folder.replace("/", "."))
        found.by_path[source.path] = Code(source.path, module, names)
    return found


def calls_in(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(node: ast.expr | None) -> str:
    """The last name of what a call calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def literal(node: ast.expr | None) -> str | None:
    """The text of a literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """What is given under one of the names."""
    return next((each.value for each in call.keywords if each.arg in names), None)
