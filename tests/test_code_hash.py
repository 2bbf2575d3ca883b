"""What counts as a change of code: what runs, and nothing that is only said."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from metalclouds import code_hash as tested
from metalclouds.code_hash import PACKAGE, WITHOUT_RESULTS, bare_code, code_hash, file_of, keys_read
from metalclouds.figures.settings import FiguresSettings

SCRIPTS = Path(__file__).parents[1] / "workflow/scripts"
BEFORE = '''
"""A module."""
LIMIT = 3


def judge(x):
    """Judge."""
    if x > LIMIT:
        raise ValueError("too large", x)
    return x + 1
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("LIMIT = 3", "LIMIT = 3  # why", True),
        ("Judge.", "Judge it well.", True),
        ('"too large", x', 'f"{x} is too large"', True),
        ("x + 1", "(x\n        + 1)", True),
        ("LIMIT = 3", "LIMIT = 4", False),
        ("x + 1", "x + 2", False),
        ("ValueError", "KeyError", False),
        ("x > LIMIT", "x >= LIMIT", False),
    ],
)
def test_what_counts(old, new, same):
    assert old in BEFORE
    after = BEFORE.replace(old, new)
    ast.parse(after)
    assert (bare_code(BEFORE) == bare_code(after)) == same


def test_a_function_that_only_has_a_docstring_stays_a_function():
    assert bare_code('def f():\n    "Nothing."\n') == "def f():\n    pass"


def hash_with(monkeypatch, tmp_path, name: str, old: str, new: str) -> tuple[str, str]:
    """Hash of detection before and after a change in a module of a copy of the package."""
    copy = tmp_path / "metalclouds"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "data", "templates"))
    monkeypatch.setattr(tested, "PACKAGE", copy)
    monkeypatch.setattr(tested, "CACHE", tmp_path / "none.json")
    found = []
    for change in (None, (old, new)):
        if change:
            path = copy / name
            text = path.read_text()
            assert change[0] in text
            path.write_text(text.replace(*change, 1))
        tested.source.cache_clear()
        tested._cached.cache_clear()
        found.append(code_hash(SCRIPTS / "detect.py"))
    tested.source.cache_clear()
    tested._cached.cache_clear()
    return found[0], found[1]


DOOR = '"""'


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("errors.py", "class MetalcloudsError", "# a comment\nX = 1\n\n\nclass MetalcloudsError", True),
        ("detect/stripes/fit.py", "import numpy as np", "import numpy as np  # a comment", True),
        ("detect/stripes/fit.py", DOOR, DOOR + "Other words. ", True),
        ("derive/columns.py", "import numpy as np", "import numpy as np\n\nY = 2", True),
        ("detect/stripes/fit.py", "import numpy as np", "import numpy as np\n\nY = 2", False),
        ("physics/density.py", "import numpy as np", "import numpy as np\n\nY = 2", False),
    ],
)
def test_detection_follows_its_own_code_alone(monkeypatch, tmp_path, name, old, new, same):
    before, after = hash_with(monkeypatch, tmp_path, name, old, new)
    assert (before == after) == same


@pytest.mark.parametrize("name", sorted(WITHOUT_RESULTS))
def test_modules_that_do_not_count_are_there(name):
    assert file_of(name) is not None


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="no module"):
        code_hash(SCRIPTS / "detect.py", "metalclouds.moon")


def test_keys_of_figure_3_are_its_own():
    keys = {name: keys_read(f"metalclouds.figures.{name}") for name in [f"figure{n}" for n in range(1, 7)]}
    fields = set(FiguresSettings.model_fields)
    assert {"es_margin_hours", "ionogram_height_km", "dpi"} <= keys["figure3"] & fields
    for name, others in keys.items():
        assert "es_margin_hours" not in others or name == "figure3"
    read = set().union(*keys.values(), keys_read("metalclouds.figures.night_page"))
    assert fields <= read, "a key that no figure reads"
