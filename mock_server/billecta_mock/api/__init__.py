"""The emulated API: what happens to a request of a client."""
