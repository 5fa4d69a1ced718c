"""`python -m billecta_verify`: the same as `billecta-verify`."""

import sys

from billecta_verify.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
