"""What changed between two reports: promises that are kept or broken otherwise, and what the deployment looks like."""
