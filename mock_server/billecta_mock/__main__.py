"""`python -m billecta_mock` is `billecta-mock`."""

import sys

from billecta_mock.cli import main

sys.exit(main())
