"""Questions about a file that only evidence may decide: time, clock, altitude, orientation, unit."""
