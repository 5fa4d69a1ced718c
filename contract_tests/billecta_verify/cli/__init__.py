"""The command `billecta-verify`."""
