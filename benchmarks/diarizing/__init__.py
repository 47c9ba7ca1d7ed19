"""What ``speakers.py`` measures: a module for each of its parts, and what they share."""
