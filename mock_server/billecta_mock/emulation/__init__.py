"""The emulated API: from the first path segment, which names the world, to the answer and its entry in the journal."""
