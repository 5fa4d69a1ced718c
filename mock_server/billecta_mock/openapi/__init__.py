"""An OpenAPI document, compiled once into what each request needs, and routed by Connexion."""
