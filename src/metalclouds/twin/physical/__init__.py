"""Nights simulated from physics: each explanation of the clouds moves, spreads and is observed by the same laws.

Lengths are km, times s since 10:00 UT of the night, densities cm-3, numbers of ions cm-3 km3 (1e15 ions).
Axes: x east, y north, z up, altitude above sea level; the beam is the line x = y = 0.
"""
