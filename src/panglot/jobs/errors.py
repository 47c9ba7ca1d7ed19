"""Why work stops before it is done, without having failed.

Neither is an `Exception`: ``except Exception`` around a piece of work must not mistake them for a failure.
"""


class Released(BaseException):
    """The job goes back to the queue: at once where the worker drains, after a pause where it lives on."""


class Superseded(BaseException):
    """The job is no longer this worker's: another one has taken it over, or it was cancelled or forgotten."""
