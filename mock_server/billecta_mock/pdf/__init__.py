"""Invoice documents: PDFs drawn from what an invoice says, kept in memory within a bound."""
