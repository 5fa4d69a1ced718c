"""The operations of the contract: each parses, asks the domain, and answers."""
