"""The checks: pytest tests, each for one clause."""
