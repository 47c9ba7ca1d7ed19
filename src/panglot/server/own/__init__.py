"""Paths under ``/panglot``: what the page needs beyond the APIs of others, split by noun."""
