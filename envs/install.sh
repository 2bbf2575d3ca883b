#!/usr/bin/env bash
# Make .venv from the hash-locked requirements. usage: envs/install.sh [requirements.lock]
# Needs Python 3.11, 3.12 or 3.13 on Linux. Uses uv where it is installed, pip otherwise (slower, same packages).
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${1:-envs/requirements.lock}
stamp=.venv/.installed-$(basename "$lock" .lock)
wanted=$(cat "$lock" pyproject.toml | sha256sum | cut -d' ' -f1)
# Commands and the installed project name the folder: an environment that was moved or copied is of no use.
places() { sed -nE "s/^ *(export )?VIRTUAL_ENV=//p" .venv/bin/activate | tr -d "\"'"; }
if [ -f .venv/bin/activate ] && ! places | grep -qxF "$(pwd -P)/.venv"; then
  echo "The environment was made in another folder ($(places | head -1)): making a new one." >&2
  rm -rf .venv
fi
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

[ "$(uname -s)" = Linux ] || { echo "metalclouds runs on Linux; this is $(uname -s)." >&2; exit 2; }
python=""
for name in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
  if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then python=$name; break; fi
done
[ -n "$python" ] || { echo "Python 3.11, 3.12 or 3.13 is needed (set PYTHON=/path/to/python)." >&2; exit 2; }

# An environment of a Python that is gone is made anew.
if [ -x .venv/bin/python ] && ! .venv/bin/python -c 'import sys' 2>/dev/null; then rm -rf .venv; fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
rm -f "$stamp"
echo "Installing the packages of $lock into .venv (about 10 s with uv, 2 minutes with pip) ..."
export UV_PYTHON_DOWNLOADS=never
# Wheels in a folder are given by PIP_*, which uv does not read.
if command -v uv >/dev/null && [ -z "${PIP_NO_INDEX:-}" ]; then
  # Compiled at once as pip does it: each of some forty jobs would compile its imports anew where it may not keep them.
  uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r "$lock"
  uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
else
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
echo "$wanted" > "$stamp"
