"""What holds for every test."""

import os
import signal
import time

from tests.tiers import WEEK

collect_ignore = ["packaging/other_project"]
"""Data of a test: a project that the wheel is installed into."""

os.environ.setdefault(WEEK, str(int(time.time()) // (7 * 24 * 60 * 60)))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in the background job of a script, and in every program that is started there. The tests that send
    # SIGINT to a program mean one that a user has started in a terminal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
