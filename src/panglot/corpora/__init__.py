"""Recordings with the texts that are spoken in them: manifests, read and written."""
