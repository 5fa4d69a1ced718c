"""Known deviations, and what changed between two results."""
