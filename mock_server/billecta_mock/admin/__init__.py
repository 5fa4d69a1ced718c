"""The admin API: what a tester sets, moves and asks of the worlds of a mock server."""
