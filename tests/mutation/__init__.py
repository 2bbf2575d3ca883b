"""Small wrong changes of the code, one at a time: the tests of a module have to see them."""
