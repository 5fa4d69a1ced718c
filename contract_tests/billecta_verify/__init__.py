"""billecta-verify, the judge of any deployment of limepkg-billecta-integration."""
