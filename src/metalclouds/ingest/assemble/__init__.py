"""Parts of a night, from whatever readers, put into the one form that the contract asks for."""
