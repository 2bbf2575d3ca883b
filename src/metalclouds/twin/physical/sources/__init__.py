"""One module for each explanation; each has `chains(scene)`, the lines of ions of a night (fronts: `layers`)."""
