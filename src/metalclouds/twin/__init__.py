"""Simulate an observing campaign of known truth, written as a record like the real one."""
