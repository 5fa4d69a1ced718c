"""One result, and the reports that are views of it."""
