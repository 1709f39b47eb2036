"""Run the command line: ``python -m helpers`` is ``unblocs``."""

import sys

from helpers.cli import main

sys.exit(main())
