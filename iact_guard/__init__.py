"""Policy as code for a repository and its infrastructure: proves that gates gate."""

__version__ = "0.1.0"
