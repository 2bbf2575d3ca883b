"""Supplements: tests, which the paper does not make, of meteoroid trails against other explanations.

Each module holds one test: pure functions of the tables of a run. `tables.py` runs them all, and says of each that
could not be made why not. Nothing here weighs the explanations against each other in one number: there are few
events, and none of the models deserves it.
"""
