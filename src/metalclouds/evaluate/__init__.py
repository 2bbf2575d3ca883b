"""Results of a run against the truth of a simulated campaign."""

from metalclouds.evaluate.campaign import add_command, evaluate, report

__all__ = ["add_command", "evaluate", "report"]
