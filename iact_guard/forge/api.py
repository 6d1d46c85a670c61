"""Requests to GitHub's API: with a token, repeated where that helps, bounded in size and time.

Limits and what to do about them: "Rate limits for the REST API" and "Best practices for using the
REST API" in GitHub's documentation.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urljoin

from iact_guard.forge.address import origin, require_safe, shown
from iact_guard.forge.session import MAX_REDIRECTS, REDIRECTS, session
from iact_guard.model.errors import ForgeError, UncertainError
from iact_guard.model.records import dataclass

PUBLIC = "https://api.github.com"
ATTEMPTS = 5
MAX_WAIT = 300
"""Seconds that a server may ask to wait before a request is repeated."""
SECONDARY_WAIT = 60
"""Seconds to wait where a secondary rate limit does not say how long."""
MAX_ANSWER = 16 * 1024 * 1024
MAX_SECONDS = 120
"""For one answer: one that drips in is given up."""
VERSION = "2022-11-28"
MAX_TOLD = 600
"""Characters of a server's message that are shown."""

Method = Literal["GET", "POST", "PATCH"]


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and who asks it. The token is never shown."""

    token: str
    base: str = PUBLIC

    def __repr__(self) -> str:
        return f"Access(base={shown(self.base)!r})"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Access":
        """By GITHUB_TOKEN or GH_TOKEN, and GITHUB_API_URL; ForgeError without a token."""
        given = (environment.get(name, "").strip() for name in ("GITHUB_TOKEN", "GH_TOKEN"))
        token = next(filter(None, given), "")
        if not token:
            raise ForgeError("GITHUB_TOKEN (or GH_TOKEN) is not set in the environment")
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise ForgeError("GITHUB_TOKEN holds characters that no token has")
        base = environment.get("GITHUB_API_URL", "").strip().rstrip("/") or PUBLIC
        require_safe(base)
        return cls(token, base)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    data: Any
    """The JSON, None where there is none."""

    @property
    def message(self) -> str:
        """GitHub's own words, the errors that it lists among them."""
        data = self.data if isinstance(self.data, dict) else {}
        errors = data.get("errors")
        listed = errors if isinstance(errors, list) else [errors] if errors else []
        told = [str(data.get("message") or "no message"), *map(_error, listed)]
        return "; ".join(told)[:MAX_TOLD]


class Api:
    """Asks GitHub's API, as whoever the token belongs to."""

    def __init__(self, access: Access, sleep: Callable[[float], None] = time.sleep) -> None:
        self.base = access.base
        self._access = access
        self._sleep = sleep

    def ask(
        self, method: Method, path: str, body: Any = None, *, repeatable: bool = True
    ) -> Answer:
        """The answer, whatever its status; `path` may be a whole URL of the same server.

        After trouble on the way or at the server a request is repeated if that does no harm;
        otherwise it is an UncertainError: it may have been carried out. Rate limits are waited for.
        """
        url = path if "://" in path else f"{self.base}{path}"
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            answer, trouble = self._try(method, url, content)
            wait = 2.0 ** (attempt - 1)
            refused = answer is not None and answer.status < 500
            if answer is not None and refused:
                limit = _limit(answer, attempt)
                if limit is None:
                    return answer
                wait, trouble = limit, "the rate limit is used up"
            elif answer is not None:
                wait = _asked(answer) or wait
                trouble = f"the server answered {answer.status}: {self.clean(answer.message)}"
            if not (repeatable or refused):
                raise UncertainError(f"{shown(url)}: {trouble}")
            if wait > MAX_WAIT:
                raise ForgeError(f"{shown(url)}: {trouble}; try again in {wait:.0f} seconds")
            if attempt < ATTEMPTS:
                self._sleep(wait)
        raise ForgeError(f"{shown(url)}: {trouble}")

    def clean(self, text: str) -> str:
        """A text of the server's, without the token."""
        return text.replace(self._access.token, "***")

    def _try(self, method: Method, url: str, content: bytes | None) -> tuple[Answer | None, str]:
        """An answer, or what was in the way of one."""
        import httpx

        try:
            return self._followed(method, url, content), ""
        except httpx.TimeoutException:
            return None, "no answer in time"
        except httpx.TransportError as error:
            return None, f"no answer ({type(error).__name__})"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ForgeError(f"{shown(url)}: {type(error).__name__}") from None

    def _followed(self, method: Method, url: str, content: bytes | None) -> Answer:
        """The answer behind the redirects of a renamed repository, all on the same server."""
        headers = {
            "Authorization": f"Bearer {self._access.token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": VERSION,
        }
        with session(headers) as client:
            for _ in range(MAX_REDIRECTS + 1):
                if origin(url) != origin(self.base):
                    raise ForgeError(f"{shown(url)} is another server: the token is not sent there")
                with client.stream(method, url, content=content) as response:
                    if response.status_code not in REDIRECTS:
                        raw = _bounded(response.iter_bytes(), url)
                        names = {name.lower(): value for name, value in response.headers.items()}
                        return Answer(response.status_code, names, _parsed(raw))
                    url = urljoin(url, response.headers.get("Location", ""))
        raise ForgeError(f"{shown(url)}: more than {MAX_REDIRECTS} redirects")


def _bounded(chunks: Any, url: str) -> bytes:
    deadline, parts, size = time.monotonic() + MAX_SECONDS, [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_ANSWER:
            raise ForgeError(f"{shown(url)}: the answer is larger than {MAX_ANSWER >> 20} MiB")
        if time.monotonic() > deadline:
            raise ForgeError(f"{shown(url)}: the answer is not complete after {MAX_SECONDS} s")
        parts.append(chunk)
    return b"".join(parts)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _limit(answer: Answer, attempt: int) -> float | None:
    """Seconds to wait where the answer speaks of a rate limit, None where it does not."""
    used_up = answer.headers.get("x-ratelimit-remaining") == "0"
    told = answer.message.lower()
    secondary = "secondary rate limit" in told or "abuse detection" in told
    limited = answer.status == 429 or (
        answer.status == 403 and (used_up or secondary or "retry-after" in answer.headers)
    )
    if not limited:
        return None
    asked = _asked(answer)
    if asked is not None:
        return asked
    reset = answer.headers.get("x-ratelimit-reset", "")
    if used_up and reset.isdecimal():
        return max(1.0, float(reset) - time.time())
    return SECONDARY_WAIT * 2.0 ** (attempt - 1)


def _asked(answer: Answer) -> float | None:
    """The seconds of a Retry-After header."""
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isdecimal() and len(given) < 10 else None


def _error(item: Any) -> str:
    """An entry of GitHub's `errors`: a text, or an object that says what is wrong with what."""
    if not isinstance(item, dict):
        return str(item)
    if item.get("message"):
        return str(item["message"])
    return " ".join(str(item[key]) for key in ("resource", "field", "code") if item.get(key))
