"""One result model, and the writers that show it."""
