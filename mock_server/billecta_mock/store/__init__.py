"""State: the store and the seeds that it starts from."""
