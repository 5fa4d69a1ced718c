"""Judges of one answer or of a set of answers. Each says what is wrong, or nothing."""
