"""The API of limepkg-billecta-integration, emulated."""
