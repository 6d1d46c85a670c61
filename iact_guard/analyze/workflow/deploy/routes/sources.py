"""The files of a repository that an application may be made of: no tests, nothing installed."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.model.errors import UnreadableError
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_FILES = 6_000
"""That may hold routes; with more of them nothing is certain."""
MAX_SIZE = 500_000
"""Characters of one file that are searched."""
_LEFT_OUT = regex(
    r"(?:^|/)(?:node_modules|site-packages|\.?venv|env/lib|vendor|third_party|dist|\.next|bin/Debug"
    r"|obj|docs?|tests?|__tests__|specs?|e2e|cypress|playwright|\.github|\.idea|migrations)/"
    r"|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.(?:py|go)$|_spec\.rb$|\.(?:test|spec)\.\w+$"
    r"|Tests?/[^/]+\.cs$|Tests?\.(?:cs|java|kt)$|\.Tests?/|\.d\.ts$|\.min\.js$|(?:^|/)src/test/"
)
_SOURCES = regex(
    r"\.(?:py|m?[jt]sx?|c[jt]s|cs|fs|vb|cshtml|razor|csproj|java|kt|kts|rb|go|php|exs?|rs|scala|clj"
    r"|erl|swift|dart|lua|properties|gradle|vue|svelte)$"
    r"|(?:^|/)(?:package\.json|pom\.xml|config\.ru|go\.mod)$|(?:^|/)application[\w-]*\.ya?ml$"
)
_SERVERS = regex(
    r"\.(?:conf|tf|ya?ml|template|tmpl|j2|toml|vcl|hcl|cfg)$"
    r"|(?:^|/)(?:[^/]*nginx[^/]*|Caddyfile[^/]*|vercel\.json|staticwebapp\.config\.json|firebase\.json"
    r"|_redirects|host\.json|function\.json|serverless\.json|web\.config|\.htaccess|Procfile)$"
)


class Sources:
    """Files by their name, read when they are asked for."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        files = sorted(p for p in ctx.project.discovery.files if not _LEFT_OUT.search(p))
        self.code = [path for path in files if _SOURCES.search(path)]
        """Sources of applications."""
        self.servers = [path for path in files if _SERVERS.search(path)]
        """What tells a server or a platform which requests go where."""
        self.too_many = len(self.code) + len(self.servers) > MAX_FILES
        self.unread: list[str] = []
        """Files that could not be read, or are too large."""

    def texts(self, endings: tuple[str, ...], *words: str) -> Iterator[Text]:
        """The sources with one of the endings in which one of the words stands."""
        for path in self.code:
            source = self.text(path) if path.endswith(endings) else None
            if source and (not words or any(word in source.text for word in words)):
                yield source

    def text(self, path: str) -> Text | None:
        """A file; None, and remembered, where it cannot be read."""
        try:
            source = self._ctx.project.text(path)
        except UnreadableError:
            self.unread.append(path)
            return None
        if len(source.text) > MAX_SIZE:
            self.unread.append(path)
            return None
        return source
