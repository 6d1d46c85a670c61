"""The only place that speaks HTTP. Nothing here runs unless a command says so."""

from iact_guard.forge.address import shown
from iact_guard.forge.download import download

__all__ = ["download", "shown"]
