"""The changes that `make mutants` makes, and that a module's tests really see them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import COUNT, is_settled, sample
from tests.mutation.changes import changed, sites
from tests.mutation.targets import TARGETS
from tests.mutation.trial import SRC

SOURCE = '''
"""Words."""
LIMIT = 3


def f(a: int = 2, b: float | None = None) -> float:
    """Docstring of 1 word."""
    if a < 1 and not b:
        raise ValueError(f"less than {1 + 1}")
    return max(a, -b) * 2.0


@njit(cache=True)
def kernel(x):
    return x + 1


def f_name(x):
    return f"{x + 1:.2f} of 5"
'''


def said() -> set[tuple[str, str]]:
    return {(site.before, site.after) for site in sites("m", SOURCE)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < 1", "a <= 1"),
        ("a < 1", "a >= 1"),
        ("1", "2"),
        ("a < 1 and (not b)", "a < 1 or not b"),
        ("max(a, -b)", "min(a, -b)"),
        ("-b", "+b"),
        ("max(a, -b) * 2.0", "max(a, -b) / 2.0"),
        ("2.0", "3.0"),
        ("2", "3"),
        ("return max(a, -b) * 2.0", "return None"),
        ("x + 1", "x - 1"),
    ],
)
def test_each_kind_of_change_is_made(before, after):
    assert (before, after) in said()


def test_texts_annotations_compiled_code_and_constants_of_the_module_stay():
    functions = {site.function for site in sites("m", SOURCE)}
    assert functions == {"f", "f_name"}
    words = ("5", "int", "None", "1 + 1")
    assert not [pair for pair in said() if any(word in pair[0] for word in words) and "return" not in pair[0]]


def test_one_change_changes_one_place():
    for site in sites("m", SOURCE):
        new = changed(SOURCE, site)
        assert ast.dump(ast.parse(new)) != ast.dump(ast.parse(SOURCE))
        assert new.count("njit") == 1
        lines = zip(ast.unparse(ast.parse(SOURCE)).splitlines(), new.splitlines(), strict=True)
        assert sum(old != line for old, line in lines) == 1, site


def test_the_sample_is_the_same_each_time_and_from_all_rooms():
    drawn = sample(COUNT)
    assert drawn == sample(COUNT)
    assert len(drawn) == COUNT
    assert {site.module.split("/")[0] for site in drawn} == {"physics", "derive", "claims", "detect"}


def test_targets_and_their_tests_are_there():
    for module, tests in TARGETS.items():
        assert (SRC / f"{module}.py").is_file()
        assert all(Path(test.split("::")[0]).is_file() for test in tests)


@pytest.mark.parametrize(
    ("before", "settled"),
    [
        (None, False),
        ({"code": "new", "tests": "t", "killed": True}, False),
        ({"code": "c", "tests": "other", "killed": True}, True),
        ({"code": "c", "tests": "other", "killed": False}, False),
        ({"code": "c", "tests": "t", "killed": False}, True),
    ],
)
def test_what_survived_is_tried_again_with_other_tests(before, settled):
    assert is_settled(before, "c", "t") == settled


def test_a_change_of_the_code_reaches_the_tests():
    """The place of the sun with sine and cosine exchanged cannot pass; the code as it is does."""
    lines = [
        "from tests.mutation.trial import SRC, load_libraries, try_change",
        "load_libraries()",
        "source = (SRC / 'physics/sun.py').read_text()",
        "tests = ('tests/physics/test_sun.py',)",
        "texts = (source, source.replace('sin(', 'cos('))",
        "print([try_change('physics/sun', text, tests, 300.0).code for text in texts])",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.stdout.strip().splitlines()[-1] == "[0, 1]", done.stdout + done.stderr
