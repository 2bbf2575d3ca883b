"""Speed and memory as ratios within one run, compared with the figures committed in docs/bench."""

from metalclouds.bench.command import add_command

__all__ = ["add_command"]
