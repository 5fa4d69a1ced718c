"""Deviations that are known and accepted for a time: read from a file, written from a run, applied to a result."""
