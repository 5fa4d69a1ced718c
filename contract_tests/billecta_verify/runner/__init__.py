"""How pytest runs the checks."""
