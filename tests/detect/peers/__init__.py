"""Other programs that find lines and features in images, on the same nights as our detection: docs/peers.md."""
