"""Several deployments of one target file: judged side by side, each for itself, and shown in one table."""
