"""One truth an instrument, written in thousands of ways; each is read right, stopped, or silently wrong."""
