"""The check of docstrings finds what lacks, and passes what numpy's guide shows."""

import ast

import pytest

from tests.workflow.docstrings import complaints, lacking

# After the example of numpydoc's guide, with arrays.
GOOD = '''
def f(x: np.ndarray, y: np.ndarray, name: str) -> np.ndarray:
    """Add.

    Parameters
    ----------
    x, y
        km, dims (altitude,).

    Returns
    -------
    ndarray
        km.

    Raises
    ------
    ValueError
        If not alike.
    """
    raise ValueError(name)
'''


def faults(text):
    return lacking(ast.parse(text).body[0])


def test_a_whole_docstring_passes():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("taken_out", "said"),
    [
        ("x, y\n", "parameter y"),
        ("Returns\n    -------\n", "what it returns"),
        ("Raises\n    ------\n", "what it raises"),
    ],
)
def test_what_is_taken_out_is_missed(taken_out, said):
    left = {"x, y\n": "x\n"}.get(taken_out, "")
    assert GOOD.replace(taken_out, left) != GOOD
    assert faults(GOOD.replace(taken_out, left)) == [said]


def test_functions_without_arrays_are_free():
    assert faults('def f(x: int) -> int:\n    """Add."""\n    raise ValueError') == []


def test_the_package_says_it_all():
    assert complaints() == []
