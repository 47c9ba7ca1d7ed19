"""The use cases: submit, run, cancel, fetch; they join jobs, pipeline and storage."""
