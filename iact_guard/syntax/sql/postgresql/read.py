"""A text of PostgreSQL to statements."""

from dataclasses import replace

from iact_guard.syntax.sql.nodes import Refused, Statement
from iact_guard.syntax.sql.pieces import bracketed, with_parameters
from iact_guard.syntax.sql.postgresql import blocks
from iact_guard.syntax.sql.postgresql.parse import Piece, pieces
from iact_guard.syntax.sql.postgresql.statements import said


def read(text: str, dialect: str, parameters: bool) -> tuple[Statement, ...]:
    """Its statements; those of a DO block in the place of the block."""
    given = with_parameters(text) if parameters else text
    found = list(pieces(given))
    if parameters and any(piece.tree is None for piece in found):
        # A whole list may be handed over for one of them.
        longer = bracketed(given)
        found = [_moved(piece, longer) for piece in pieces(longer)]
    return tuple(statement for piece in found for statement in _statements(given, piece))


def _moved(piece: Piece, longer: str) -> Piece:
    """The piece with its place in the text without brackets."""
    start, end = (at - 2 * longer.count("($1)", 0, at) for at in (piece.start, piece.end))
    return replace(piece, start=start, end=end)


def _statements(text: str, piece: Piece) -> tuple[Statement, ...]:
    if piece.tree is None:
        return (Statement(piece.start, piece.end, (Refused(piece.refusal),)),)
    if piece.tree.HasField("do_stmt"):
        return blocks.read(text, piece)
    return (Statement(piece.start, piece.end, said(piece.tree)),)
