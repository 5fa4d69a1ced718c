"""The rules of the emulated system: pure, synchronous, standard library only."""
