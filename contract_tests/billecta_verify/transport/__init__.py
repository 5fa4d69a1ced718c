"""The HTTP client that every request leaves by, and the limits that it enforces."""
