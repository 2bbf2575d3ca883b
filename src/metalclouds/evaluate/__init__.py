"""Results of a run against the truth of a simulated campaign: the one package that reads both."""

from metalclouds.evaluate.campaign import evaluate
from metalclouds.evaluate.command import add_command, report

__all__ = ["add_command", "evaluate", "report"]
