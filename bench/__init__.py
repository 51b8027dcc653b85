"""Benchmarks: every figure is a ratio, taken in one run, between the product and the physical work underneath it."""
