"""Write the page that a reader opens."""
