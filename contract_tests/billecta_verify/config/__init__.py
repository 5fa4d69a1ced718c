"""What a run is told: flags, environment, target file."""
