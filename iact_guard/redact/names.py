"""Names that say that their value is a secret, in any case style.

Two questions, for two risks. `may_hold_secret` is asked before something is shown: in doubt yes.
`means_secret` is asked before somebody is accused: the head of the name must be the secret
itself, not its place (`token_url`), its rules (`password_validators`) or an act on it
(`reset_password`).
"""

from functools import lru_cache

from iact_guard.model.regex import regex

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# What is a secret by itself; many write several words as one (`PGPASSWORD`, `authtoken`).
_SINGLE = regex(
    r"(?:[a-z]*(?:passwords?|passwd|passphrase|passcode|secrets?|tokens?|apikeys?|secretkey"
    r"|accesskey|privatekey|credentials?)"
    r"|(?:db|user|my|pg|store|key|admin|root|smtp|mysql|ssh|ftp|mail|sql)?pass"
    r"|[a-z]*pwd|creds?|jwt)"
)
_PASSWORD = regex(r"[a-z]*(?:passwords?|passwd|passphrase|passcode|pwd)|[a-z]{0,5}pass")
_KEYS = frozenset({
    "api", "access", "private", "secret", "signing", "sign", "encryption", "encrypt", "master",
    "auth", "account", "shared", "hmac", "jwt", "fernet", "cipher", "crypto", "storage",
    "admin", "deploy", "ssh", "ssl", "tls", "decryption",
})  # fmt: skip
# Before it is shown only: often a secret, too often something else to accuse.
_DOUBTFUL = frozenset(
    {"auth", "authorization", "dsn", "bearer", "cookie", "salt", "webhook", "otp"}
)

# After the secret: still the secret.
_VARIANTS = frozenset({
    "base", "value", "string", "plain", "plaintext", "default", "prod", "production", "staging",
    "stage", "dev", "development", "live", "old", "new", "current", "previous", "fallback",
    "fallbacks", "backup", "primary", "secondary", "main", "admin", "root", "db", "b", "hex",
    "raw", "text", "str", "env", "local", "v",
})  # fmt: skip
# Before the secret: a state, an act, or a token of another kind.
_OTHER = frozenset({
    "reset", "forgot", "forgotten", "change", "set", "has", "is", "no", "not", "use", "uses",
    "show", "hide", "invalid", "missing", "wrong", "bad", "empty", "expired", "require",
    "requires", "required", "need", "needs", "confirm", "check", "verify", "validate", "with",
    "without", "remove", "delete", "create", "update", "generate", "get", "rotate", "revoke",
    "refresh", "unusable", "allow", "common", "leaked", "weak", "forbidden", "similar",
    "blacklisted", "enable", "disable", "incorrect", "lost", "unset", "save", "clear",
    # what opens nothing
    "mock", "mocked", "dummy", "fake", "test", "tests", "testing", "example", "sample", "demo",
    "placeholder",
    # tokens of texts, pages and forms
    "next", "page", "continuation", "sync", "pad", "eos", "bos", "unk", "mask", "cls", "sep",
    "stop", "start", "end", "special", "csrf", "xsrf", "cancellation", "max", "min", "num", "n",
    "total", "input", "output", "prompt", "completion", "per", "image", "audio", "begin",
    "last", "first", "previous", "pagination", "cursor", "syntax", "lexer", "parser", "string",
    "comment", "operator", "newline", "indent", "dedent", "template", "block", "variable",
    "close", "open", "reserved", "separator", "delimiter", "replacement", "design", "public",
    "id",
})  # fmt: skip
# After the secret: its place, its rules, its form. Not worth masking either.
_ABOUT = frozenset({
    "url", "uri", "urls", "endpoint", "host", "port", "path", "paths", "file", "filename",
    "files", "dir", "directory", "folder", "name", "names", "field", "fields", "column",
    "label", "labels", "title", "help", "hint", "placeholder", "message", "messages", "error",
    "errors", "warning", "description", "template", "templates", "form", "forms", "view",
    "views", "widget", "input", "page", "link", "button", "icon", "type", "types", "kind",
    "class", "classes", "model", "models", "manager", "backend", "backends", "provider",
    "providers", "service", "store", "storage", "validator", "validators", "validation",
    "hasher", "hashers", "policy", "policies", "rules", "rule", "timeout", "ttl", "expiry",
    "expiration", "expires", "lifetime", "age", "days", "hours", "minutes", "seconds",
    "interval", "rotation", "length", "size", "count", "limit", "limits", "max", "min", "usage",
    "budget", "rate", "enabled", "required", "disabled", "allowed", "set", "exists", "valid",
    "invalid", "changed", "updated", "created", "at", "date", "time", "regex", "pattern",
    "prefix", "suffix", "header", "headers", "param", "params", "parameter", "version",
    "algorithm", "method", "scheme", "format", "encoding", "charset", "strength", "reset",
    "change", "confirm", "confirmation", "recovery", "stdin", "ref", "reference", "selector",
    "arn", "engine", "mount", "scope", "scopes", "audience", "issuer", "handler", "serializer",
    "schema", "permission", "permissions", "user", "username", "email", "group", "role",
    "roles", "region", "index", "table", "classifier", "classification", "ids", "id", "action",
    "event", "events", "status", "state", "step", "hash", "digest", "checksum", "fingerprint",
    "sha", "md", "module", "library", "login", "protected", "protection", "attribute",
    "attributes", "keys", "env", "var", "variable",
})  # fmt: skip


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """`dbPassword`, `DB_PASSWORD`, `db-password` are all `db`, `password`."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=8192)
def may_hold_secret(name: str) -> bool:
    """Whether what stands behind the name is better not shown."""
    parts = _strip_numbers(words(name))
    if not parts or (len(parts) > 1 and parts[-1] in _ABOUT):
        return False
    if parts[-1] == "id" or parts in (("id", "token"), ("key",), ("keys",)):
        return False
    return any(_secret_at(parts, end) or parts[end] in _DOUBTFUL for end in range(len(parts)))


@lru_cache(maxsize=8192)
def means_secret(name: str) -> bool:
    """Whether the name says that its value is a secret: its head is one."""
    parts = _strip_numbers(words(name))
    end = len(parts) - 1
    while end > 0 and parts[end] in _VARIANTS and not _secret_at(parts, end):
        end -= 1
    start = _secret_at(parts, end) if end >= 0 else 0
    return bool(start) and not any(part in _OTHER for part in parts[: end + 1 - start])


def is_password(name: str) -> bool:
    """Whether people choose the value, so that it may be a word; a token or a key is random."""
    return any(_PASSWORD.fullmatch(part) for part in words(name))


def is_outcome(name: str) -> bool:
    """`PASS` alone: more often an outcome or a permit than a password."""
    return _strip_numbers(words(name)) == ("pass",)


def _secret_at(parts: tuple[str, ...], end: int) -> int:
    """How many words ending there are a secret: none, one, or two (`api key`)."""
    if _SINGLE.fullmatch(parts[end]):
        return 1
    if parts[end] in ("key", "keys") and end > 0 and parts[end - 1] in _KEYS:
        return 2
    return 0


def _strip_numbers(parts: tuple[str, ...]) -> tuple[str, ...]:
    while parts and parts[-1].isdigit():
        parts = parts[:-1]
    return parts
