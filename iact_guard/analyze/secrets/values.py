"""Which literals are secrets, given that their name says so.

Everything here says no: to references, to places and names of secrets, to placeholders, to words.
"""

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from iact_guard.model.regex import regex
from iact_guard.redact.names import is_outcome, is_password, words

_REFERENCE = regex(
    r"\$\{|\$\(|\{\{|\}\}|<%|%\(|%[sd]\b|\{[\w.!:]*\}|^\$[A-Za-z_][\w.:-]*$|^%\w+%$|^@\w+@$"
    r"|^<.*>$|^\[.*\]$|^!"
)
_PLACE = regex(
    r"arn:|projects/|vault[:/]|op://|ssm:|secretsmanager:|env[:.]|file:|keyring:|kv/|secrets?/"
    r"|gcp-|aws-sm|akv:|ref\+|awskms:|sops:|refs?/|[a-z][a-z0-9+.-]*://|[~.]{0,2}/|[A-Za-z]:\\|www\."
)
_FILE = regex(
    r"[\w./ -]+\.(?:pem|key|crt|cer|json|ya?ml|txt|env|ini|cfg|conf|toml|html?|py|js|ts|php|sh|jks"
    r"|p12|pfx)"
)
_PATH = regex(r"[A-Za-z_-]+(?:/[A-Za-z0-9_.-]+)+/?")
_DOTTED = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(\))?:?")
_HASHED = regex(
    r"\$(?:2[abxy]?|5|6|1|argon2\w*)\$|pbkdf2_|bcrypt|argon2|(?:sha\d+|md5|SHA\d+|blake2\w*)[:$-]"
    r"|scrypt:|\{(?:SSHA|SHA|MD5)\}|ENC\[|AQ[IE]CA"
)
_DIGEST = regex(r"[0-9a-f]+")
_DIGEST_LENGTHS = (32, 40, 56, 64, 96, 128)
_UUID = regex(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_FORMAT = regex(r"%[A-Za-z](?:[^A-Za-z0-9]|$)|\\[dws]|^\^|\(\?")
_CHUNK = regex(r"[A-Za-z]+|[0-9]+")
_CAMEL = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_CONSONANTS = regex(r"[bcdfghjklmnpqrstvwxz]{5,}")
_RUN = regex(r"(.)\1{3,}")
_PEM = regex(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----([^-]*)")
_PEM_BREAK = regex(r"\\[nrt]|\s")
_PEM_BODY = regex(r"[A-Za-z0-9+/]{40,}")
_SEQUENCES = regex(
    r"(?:0?123(?:4(?:5(?:6(?:7(?:89?0?)?)?)?)?)?|abcdef(?:g\w{0,19})?|deadbeef|cafebabe|9876543210?)+"
)
# It says so itself, and then it does not matter what follows.
_DISCLAIMED = regex(
    r"not[-_ ]?(?:an?[-_ ]?)?(?:real[-_ ]?)?(?:secret|password|key|token)|dummy|fake|example|sample"
    r"|placeholder|change[-_ ]?(?:me|this|it)",
    re.IGNORECASE,
)
_SENTENCE = regex(r"[A-Za-z]+(?:[_-](?:[A-Za-z]+|[0-9]{1,4})){2,}")
_TOKEN = regex(
    r"(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|[sr]k_live_|AKIA|ASIA|AIza|SG\.|pypi-|npm_|hvs\.|dop_v1_"
    r"|sk-|eyJ)[\w.-]{16,}"
)
# What anybody may know: keys that only verify or encrypt.
_PUBLIC = regex(r"MI(?:GfMA0GCSqG|IBIjANBgkq|ICIjANBgkq)|MFkwEwYHKoZIzj0|ssh-(?:rsa|ed25519) ")

# One of them is enough: nobody means it.
_PLACEHOLDER = frozenset({
    "example", "examples", "changeme", "changeit", "changethis", "dummy", "fake", "test",
    "tests", "testing", "tester", "placeholder", "your", "yours", "todo", "fixme", "tbd",
    "replace", "insert", "redacted", "foo", "foobar", "bar", "baz", "qux", "mock", "mocked",
    "mocks", "stub", "sample", "samples", "lorem", "ipsum", "bogus", "invalid", "unsafe",
    "insecure", "nosecret", "xxx", "xxxx", "demo", "spam", "eggs", "whatever", "something",
    "anything", "change", "not", "unused", "noop", "nothing", "notset", "unset", "missing",
    "irrelevant", "ignored", "disabled",
})  # fmt: skip
# Words that secrets are described with, and that forms, errors and types are made of.
_VOCABULARY = _PLACEHOLDER | frozenset({
    "secret", "secrets", "password", "passwords", "passwd", "passphrase", "pass", "pwd",
    "token", "tokens", "key", "keys", "api", "access", "private", "public", "auth",
    "authorization", "bearer", "basic", "client", "user", "username", "name", "value", "string",
    "text", "default", "dev", "development", "local", "localhost", "so", "very", "super", "top",
    "really", "for", "only", "use", "in", "production", "prod", "staging", "do", "dont",
    "please", "must", "be", "set", "me", "my", "our", "this", "that", "it", "is", "a", "an",
    "the", "to", "of", "and", "or", "by", "with", "here", "some", "any", "none", "null", "nil",
    "empty", "undefined", "random", "generate", "generated", "long", "strong", "secure",
    "security", "ci", "cd", "github", "gitlab", "django", "flask", "jwt", "session", "signing",
    "signature", "encryption", "encrypted", "hidden", "masked", "enter", "type", "types",
    "required", "optional", "field", "input", "id", "ids", "url", "uri", "header", "x", "read",
    "write", "inherit", "true", "false", "yes", "no", "on", "off", "reset", "forgot", "confirm",
    "new", "old", "current", "code", "refresh", "grant", "credentials", "credential", "oauth",
    "oauth2", "saml", "csrf", "csrftoken", "sessionid", "cookie", "form", "login", "logout",
    "register", "email", "config", "setting", "settings", "env", "var", "variable", "file",
    "path", "service", "account", "app", "application", "web", "webhook", "data", "db",
    "database", "see", "docs", "rotate", "per", "step", "max", "min", "length", "expired",
    "expires", "bool", "str", "int", "bytes", "number", "object", "json", "xml", "base64",
    "base", "hex", "hash", "salt", "one", "two", "time", "once", "temporary", "temp", "tmp",
    "initial", "shared", "common", "global", "internal", "external", "hmac", "sha", "rsa",
    "ssh", "ssl", "tls", "pem", "cert", "certificate", "aws", "gcp", "azure", "slack", "stripe",
    "twilio", "sendgrid", "mail", "mailgun", "smtp", "sentry", "redis", "mysql", "postgresql",
    "auto", "automatic", "manual", "anonymous", "automation", "as", "system", "bot", "git",
    "docker", "npm", "pypi", "registry", "repository", "repo", "actions", "workflow",
    "csrfmiddlewaretoken", "method", "plain", "scope", "scopes", "provider", "backend",
    "server", "host", "hostname", "port", "not", "secretsmanager", "kms", "vault", "store",
    "manager", "parameter", "parameters", "param", "query", "body", "label", "title",
    "description", "message", "error", "short", "weak", "wrong", "incorrect", "mismatch",
    "blank", "simple", "similar", "changed", "updated", "deleted", "created", "sent", "rotated",
    "revoked", "valid",
})  # fmt: skip
# What sentences are made of, and passphrases of nouns are not.
_FUNCTION_WORDS = frozenset({
    "must", "be", "at", "least", "most", "should", "have", "has", "than", "more", "the", "a", "an",
    "to", "of", "in", "on", "for", "from", "with", "by", "is", "are", "it", "this", "that", "your",
    "you", "my", "our", "please", "not", "do", "here", "and", "or", "as", "only", "chars",
    "characters", "long",
})  # fmt: skip
# What a service is delivered with: an open door in production, a habit in a test.
_DELIVERED = frozenset({
    "postgres", "postgresql", "root", "admin", "guest", "minio", "minioadmin", "rabbitmq",
    "redis", "mysql", "mariadb", "mongo", "elastic", "neo4j", "django", "user", "airflow",
    "ubuntu", "vagrant",
})  # fmt: skip


def is_secret(name: str, value: str, trust: int) -> bool:
    """Whether the literal is a secret; `trust` says how sure the place is (see Candidate)."""
    text = value.strip()
    password = is_password(name)
    if len(text) < (4 if password else 8) or len(text) > 10_000:
        return False
    if text.startswith("-----BEGIN"):
        return _private_key(text)
    if is_outcome(name) and not looks_drawn(text):
        return False
    if _refers(text) or _is_name(text, name) or _placeholder(text, name):
        return False
    if password and len(text) in _DIGEST_LENGTHS and _DIGEST.fullmatch(text):
        return False  # what is kept of a password, not the password
    if text.isdigit():
        return password and trust >= 1 and len(text) >= 6
    if any(character.isspace() for character in text):
        return trust == 2 and not _sentence(text) and (password or _random(text))
    if password and trust >= 1:
        return (trust == 2 and text.lower() not in _DELIVERED) or _mixed(text)
    return _random(text)


def looks_drawn(value: str) -> bool:
    """Whether no person invented it: a provider's token, or letters and digits without order."""
    text = value.strip()
    if text.startswith("-----BEGIN") or _TOKEN.match(text):
        return True
    return any(
        len(part) >= 16 and _dense(part) and _entropy(part) > 3.3
        for part in re.split(r"[^\w+/]", text)
    )


def _private_key(text: str) -> bool:
    """A frame with a key in it, not with words or dots that stand for one."""
    found = _PEM.match(text)
    if not found or "..." in found[1]:
        return False
    lines = _PEM_BODY.search(_PEM_BREAK.sub("", found[1]))
    return lines is not None and _encoded(lines.group())


def _encoded(body: str) -> bool:
    cased = body.lower() != body != body.upper()
    return cased and any(map(str.isdigit, body)) and _entropy(body) > 3.5


def _refers(text: str) -> bool:
    """A way to a secret, or what was made of one."""
    return bool(
        _REFERENCE.search(text)
        or _PLACE.match(text)
        or _HASHED.match(text)
        or _UUID.fullmatch(text)
        or _FORMAT.search(text)
        or _FILE.fullmatch(text)
        or _PUBLIC.match(text)
    )


def _is_name(text: str, name: str) -> bool:
    """The name of something: of the secret itself, a header, a field, a class, a path."""
    if _PATH.fullmatch(text):
        return all(_wordlike(part) for part in text.strip("/").split("/"))
    if _DOTTED.fullmatch(text):
        return all(_wordlike(part) for part in re.split(r"[.:()]+", text) if part)
    own = {word.lower() for word in _chunks(text)}
    if own <= set(words(name)) | {""}:
        return True
    separated = re.fullmatch(r"[A-Za-z]+(?:[_ :.-][A-Za-z]+)+", text)
    if separated and any(_segmented(part) for part in own if len(part) > 3):
        return True
    return bool(re.fullmatch(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", text)) and not _dense(text)


def _placeholder(text: str, name: str) -> bool:
    """Nobody means it: `changeme`, `your-token-here`, `xxxxxxxx`, `12345`, `my-secret-key`."""
    if _DISCLAIMED.match(text) or _is_sentence(text):
        return True
    if "EXAMPLE" in text or len(set(text)) <= 2 or (_RUN.search(text) and len(set(text)) < 8):
        return True
    if "..." in text or "***" in text or "xxxx" in text.lower():
        return True
    chunks = [chunk.lower() for chunk in _chunks(text)]
    known = [chunk for chunk in chunks if chunk.isalpha() and _segmented(chunk)]
    rest = "".join(chunk for chunk in chunks if chunk not in known)
    left = _SEQUENCES.sub("", rest)
    if not rest or (not left and not (known and is_password(name))):
        return True
    if any(_marked(chunk) for chunk in known):
        return len(left) <= 8
    # Words all over, and a little that is none: a description, unless it is a password.
    described = sum(map(len, known))
    return not is_password(name) and described >= 12 and len(left) * 2 < described


def _is_sentence(text: str) -> bool:
    """`must_be_at_least_16_chars`: words for people, joined."""
    if not _SENTENCE.fullmatch(text):
        return False
    parts = re.split(r"[_-]", text.lower())
    return len(_FUNCTION_WORDS.intersection(parts)) >= 2


def _chunks(text: str) -> list[str]:
    """Words and numbers; camel case is taken apart only where it makes words of some length."""
    found: list[str] = []
    for chunk in _CHUNK.findall(text):
        parts = _CAMEL.findall(chunk)
        whole = "".join(parts) == chunk and all(len(part) > 2 for part in parts)
        found += parts if whole else [chunk]
    return found


@lru_cache(maxsize=8192)
def _segmented(chunk: str) -> bool:
    """Whether it is written in words of the vocabulary, one after the other (`mysecretkey`)."""
    return bool(_segments(chunk))


@lru_cache(maxsize=8192)
def _marked(chunk: str) -> bool:
    return any(word in _PLACEHOLDER for word in _segments(chunk))


@lru_cache(maxsize=8192)
def _segments(chunk: str) -> tuple[str, ...]:
    chunk = chunk.lower()
    if chunk in _VOCABULARY:
        return (chunk,)
    if len(chunk) > 60:
        return ()
    # reached[i]: the words that make up the first i letters.
    reached: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(chunk) + 1):
        for start in range(max(0, end - 20), end):
            word = chunk[start:end]
            if start in reached and word in _VOCABULARY and (len(word) > 1 or start == 0):
                reached[end] = (*reached[start], word)
                break
    return reached.get(len(chunk), ())


def _sentence(text: str) -> bool:
    """Words for people: more than two in three are letters only."""
    parts = text.split()
    return sum(part.strip(".,:;!?'\"()").isalpha() for part in parts) * 3 > len(parts) * 2


def _wordlike(part: str) -> bool:
    return not _dense(part)


def _dense(text: str) -> bool:
    """Digits and letters in turns, or more letters in a row than can be spoken."""
    turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(text))
    return turns >= 4 or bool(_CONSONANTS.search(text.lower()))


def _mixed(text: str) -> bool:
    """A word that somebody made a password of: with digits or signs that no name has."""
    if re.fullmatch(r"[A-Za-z]+(?:[_:. /-]+[A-Za-z]+)*[:*.!?]?", text):
        return False
    return any(c.isdigit() for c in text) or any(c in "!@#$%^&*+=~" for c in text)


def _random(text: str) -> bool:
    """Not made of words: tokens and keys are drawn, not invented."""
    if re.fullmatch(r"[A-Za-z]+(?:[_:. /-]+[A-Za-z]+)*[:*.!?]?", text):
        return len(text) >= 16 and bool(_CONSONANTS.search(text.lower())) and _entropy(text) > 3.2
    digits = sum(c.isdigit() for c in text)
    if digits == 0:
        return len(text) >= 16 and _entropy(text) > 3.5 and not _sentence_like(text)
    words_only = re.fullmatch(r"(?:[A-Za-z]+[_:./-])*[A-Za-z]+[_:./-]?v?[0-9]{1,3}", text)
    return not words_only and _entropy(text) > 2.5


def _sentence_like(text: str) -> bool:
    return all(len(part) < 12 and not _dense(part) for part in re.split(r"[^A-Za-z]+", text))


def _entropy(text: str) -> float:
    """Bits a character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())
