"""Named deviations from the contract, for clients that shall meet them and for the verifier that must find them."""
