"""Durable jobs: a queue in the database, workers that take from it, and what brings back the jobs of dead workers."""
