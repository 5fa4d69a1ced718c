"""What a journal proves: expectations, near misses, and the checklist before going live."""
