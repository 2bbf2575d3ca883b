"""Bring the files of a source to disk, verified."""
