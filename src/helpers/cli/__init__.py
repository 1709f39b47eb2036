"""The console command ``unblocs``: every stage from the shell, one sentence on an error.

What the commands are is in ``commands``, a study on the command line in ``arguments``.
"""

from helpers.cli.program import build_parser, main

__all__ = ["build_parser", "main"]
