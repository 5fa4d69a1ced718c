"""What a client of a world has met so far, and what it did next: a checklist for an integrator before going live."""
