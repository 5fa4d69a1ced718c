"""The only home of state."""
