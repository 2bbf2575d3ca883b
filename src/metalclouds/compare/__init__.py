"""Compare two result folders: of two runs, machines, versions, or versions of the record."""

from metalclouds.compare.command import add_command

__all__ = ["add_command"]
