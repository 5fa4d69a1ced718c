"""Measurements of the product, beside its peers and beside what it stands on. Load goes to 127.0.0.1 only."""
