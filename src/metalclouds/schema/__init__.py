"""What products hold: tables, datasets, variables. The one place where a name, a unit or a kind is declared."""
