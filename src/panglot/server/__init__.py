"""The HTTP server: the APIs, spoken by the service."""
