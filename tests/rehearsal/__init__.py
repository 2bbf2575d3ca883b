"""Rehearsals of `make paper` on records whose authors had not seen the readers."""
