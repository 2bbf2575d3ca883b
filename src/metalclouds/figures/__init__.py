"""Draw the figures: each panel is a function of data and axes."""
