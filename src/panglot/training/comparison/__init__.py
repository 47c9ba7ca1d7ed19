"""Which precision pays on a model and a device: the same training in each, measured side by side.

`compare` runs a workload in every precision, each in a process of its own, and returns a `Comparison`.
"""
