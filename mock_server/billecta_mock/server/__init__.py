"""The process and its sockets: everything around the ASGI application."""
