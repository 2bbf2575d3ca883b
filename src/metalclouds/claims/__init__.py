"""Judge every number that the paper states."""
