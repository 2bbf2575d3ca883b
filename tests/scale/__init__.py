"""How time and memory grow with the number of nights: docs/scale.md."""
