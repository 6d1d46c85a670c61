"""A text to the statements that PostgreSQL's parser makes of it, within bounds.

The parser is the server's own, in C. It takes stack for each level of an expression, and never asks
how much there is; handing a tree over takes time that grows with the square of its depth. So a
longer text is looked at before, and read on a thread with a stack that it cannot use up. What is
nested deeper than a tree may be handed over is refused.
"""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeVar

import postgast
from google.protobuf.message import DecodeError
from postgast import PgQueryError
from postgast.pg_query_pb2 import Node, ParseResult, Token

from iact_guard.model.records import dataclass
from iact_guard.syntax.sql.pieces import begin

T = TypeVar("T")

LONG = 20_000
"""Characters of a text that is searched for long chains."""
MAX_CHAIN = 20_000
"""Tokens between two commas, those within brackets left out: a chain of operators is as deep."""
SHORT = 4_096
"""Characters that cannot fill any usual stack."""
PER_CHARACTER = 512
"""Bytes of stack; a level takes some 350, and two characters at least."""
LEAST_STACK = 16 * 1024 * 1024
MAX_COMMENTS = 5_000
"""Nested ones take time that grows with their square."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement: its place in code points, and its tree or why there is none."""

    start: int
    end: int
    tree: Node | None
    refusal: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The statements of a text; where it cannot be read as a whole, each by itself."""
    if text.count("/*") > MAX_COMMENTS:
        yield Piece(0, len(text), None, "more comments than are read")
        return
    result = _parse(text)
    if isinstance(result, ParseResult):
        yield from _trees(text, result, 0)
        return
    spans = _split(text)
    if not spans or len(spans) == 1:
        start, end = spans[0] if spans else (0, len(text))
        yield Piece(begin(text, start, end), end, None, result)
        return
    for start, end in spans:
        inner = _parse(text[start:end])
        if isinstance(inner, ParseResult):
            yield from _trees(text[start:end], inner, start)
        else:
            yield Piece(begin(text, start, end), end, None, inner)


def _trees(text: str, result: ParseResult, offset: int) -> Iterator[Piece]:
    place = _places(text)
    for statement in result.stmts:
        start = place(statement.stmt_location)
        length = statement.stmt_len
        end = place(statement.stmt_location + length) if length else len(text)
        yield Piece(offset + begin(text, start, end), offset + end, statement.stmt)


def _parse(text: str) -> ParseResult | str:
    """The trees of a text, or what is wrong with it."""
    try:
        if len(text) > LONG and _longest_chain(text) > MAX_CHAIN:
            return "it is nested too deeply to be read"
        return on_large_stack(lambda: postgast.parse(text), len(text))
    except PgQueryError as error:
        line = text.encode()[: max(error.cursorpos - 1, 0)].count(b"\n") + 1
        return f"PostgreSQL's grammar does not take it (line {line} of the text)"
    except DecodeError:
        return "it is nested too deeply to be read"
    except UnicodeEncodeError:
        return "it holds half a character"
    except RuntimeError:
        return "it is too long to be read here"  # there is no room for the stack of a thread


def _longest_chain(text: str) -> int:
    """The most tokens that follow one another without a comma, outside of further brackets."""
    opening, closing = Token.ASCII_40, Token.ASCII_41
    ends = (Token.ASCII_44, Token.ASCII_59)
    longest, counts = 0, [0]
    for found in postgast.scan(text).tokens:
        token = found.token
        if token == opening:
            counts.append(0)
        elif token == closing:
            if len(counts) > 1:
                counts.pop()
        elif token in ends:
            counts[-1] = 0
        else:
            counts[-1] += 1
            longest = max(longest, counts[-1])
    return longest


def _split(text: str) -> list[tuple[int, int]] | None:
    """Where its statements stand, by their tokens alone; None where not even these can be told."""
    try:
        tokens = postgast.scan(text).tokens
    except (PgQueryError, UnicodeError):
        return None
    place = _places(text)
    ends = [place(token.start) for token in tokens if token.token == Token.ASCII_59]
    spans = pairwise((-1, *ends, len(text)))
    return [(start + 1, end) for start, end in spans if begin(text, start + 1, end) < end]


def on_large_stack(work: Callable[[], T], length: int) -> T:
    """What some work on a text of that length gives, or raises, with enough stack for it."""
    if length <= SHORT:
        return work()
    found: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # noqa: BLE001  # raised again where it belongs
            raised.append(error)

    before = threading.stack_size(LEAST_STACK + length * PER_CHARACTER)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if raised:
        raise raised[0]
    return found[0]


def _places(text: str) -> Callable[[int], int]:
    """Offsets in UTF-8 to code points."""
    if text.isascii():
        return lambda offset: offset
    encoded = text.encode()
    return lambda offset: len(encoded[:offset].decode(errors="ignore"))
