"""Stripes of a night: search, fit, ends, pieces, errors."""
