"""From audio to transcript: the order of steps, and the only place that knows all of them."""
