"""billecta-verify, the verifier of any deployment of limepkg-billecta-integration."""
