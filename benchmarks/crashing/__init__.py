"""What ``chaos.py`` does to a deployment, and what it sees of a job in it."""
