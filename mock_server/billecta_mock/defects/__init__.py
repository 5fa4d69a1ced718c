"""Named deviations from the contract, for clients that shall meet them and for the judge that must find them."""
