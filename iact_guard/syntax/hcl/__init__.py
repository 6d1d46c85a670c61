"""HCL to nodes with exact positions: tree-sitter reads, python-hcl2 rules on errors."""

from iact_guard.syntax.hcl.parse import parse

__all__ = ["parse"]
