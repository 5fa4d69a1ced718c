"""Seeds: the readable files that say which keys and invoices a world starts with."""
