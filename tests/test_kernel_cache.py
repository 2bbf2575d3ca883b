"""Where compiled kernels are kept: beside the code, at home, or a clear stop."""

from __future__ import annotations

import pytest

from metalclouds import checkout
from metalclouds.cli import main
from metalclouds.errors import WriteError


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """Code and home whose folders cannot be made, for any user: they would lie below a file."""
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkout, "PACKAGE", tmp_path / "file" / "metalclouds")
    monkeypatch.setenv("HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path


def test_nowhere_to_keep_kernels_is_a_stop_that_names_the_folders(nowhere, capsys):
    with pytest.raises(WriteError, match="NUMBA_CACHE_DIR"):
        checkout.check_kernels_can_be_kept()
    assert main(["detect", "night.nc", "--out", str(nowhere / "found")]) == 2
    said = capsys.readouterr().err
    assert "compiled kernels cannot be kept anywhere" in said
    assert str(nowhere / "file/home/.cache/numba") in said


@pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def test_a_folder_that_can_be_written_is_enough(nowhere, monkeypatch, variable):
    monkeypatch.setenv(variable, str(nowhere / "cache"))
    checkout.check_kernels_can_be_kept()


def test_code_that_can_be_written_needs_no_home(nowhere, monkeypatch):
    monkeypatch.setattr(checkout, "PACKAGE", nowhere / "metalclouds")
    checkout.check_kernels_can_be_kept()
