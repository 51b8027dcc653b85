"""Where it is put together: the only place that knows everyone."""
