"""Several deployments of one target file: verified side by side, each for itself, and shown in one table."""
