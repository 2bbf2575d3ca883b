"""From a claim and the data to its verdict, a room for each question.

- `rule`: what a measured value decides. No sentence is written there.
- `words`: how a value, an expectation and a reason are said. Nothing is decided there.
- `entry`: how a verdict stands in verdicts.json.
- `judge`: one claim, from what the run has and its measures to its entry.
- `summary`: counts over all claims, and how many true ones chance would make fail.
"""
