"""Evaluations and language cards for people and programs: one document, written as text, Markdown or HTML; and JSON."""
