# A Python that current Home Assistant runs on: 3.14.2 or newer. Sourced, after say.sh.
#
#   ensure_python   prints the path of one; makes one available first when the machine has none
#   ensure_uv       prints the path of uv; installs it under the cache when the machine has none
#
# Nothing outside the cache folder is changed.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/smart-evse
PREFIX=$CACHE/python3.14

# usable PYTHON: is it 3.14.2 or newer, and complete? A Python built without a library lacks the module, quietly.
usable() {
    [ -n "$1" ] && [ -x "$1" ] && "$1" -I - >/dev/null 2>&1 <<'PY'
import sys
assert (3, 14, 2) <= sys.version_info[:3] < (3, 15) and sys._is_gil_enabled()
import bz2, ctypes, ensurepip, lzma, sqlite3, ssl, uuid, venv, zlib, compression.zstd
PY
}

python_here() {
    local candidate
    for candidate in "$(command -v python3.14 || true)" "$PREFIX/usr/bin/python3.14" \
        "$CACHE"/uv-python/cpython-3.14*/bin/python3.14 "$HOME"/.local/share/uv/python/cpython-3.14*/bin/python3.14 \
        "$HOME"/.pyenv/versions/3.14*/bin/python3.14 /usr/local/bin/python3.14 /opt/homebrew/bin/python3.14; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Without a network that reaches uv's downloads the first connection fails, and that is soon enough known.
python_by_uv() {
    local uv
    uv=$(uv_here || uv_installed_by python3) || return 1
    say "letting uv fetch Python 3.14"
    UV_PYTHON_INSTALL_DIR=$CACHE/uv-python UV_HTTP_CONNECT_TIMEOUT=10 UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=0 \
        "$uv" python install --no-bin --quiet 3.14 2>"$CACHE/uv-python.log" || {
        say "uv could not fetch it (see $CACHE/uv-python.log)"
        return 1
    }
}

ensure_python() {
    mkdir -p "$CACHE"
    python_here && return
    python_by_uv || "$ROOT/scripts/lib/distribution.sh" "$PREFIX" || fail "no Python 3.14.2 or newer here, and none could be fetched"
    python_here || fail "the Python that was fetched is not complete"
}

uv_here() {
    local candidate
    for candidate in "$CACHE/uv/bin/uv" "$(command -v uv || true)"; do
        if [ -n "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# uv_installed_by PYTHON: from the package index, into an environment of its own (any Python from 3.9 on will do).
# Debian keeps venv in a package apart; there, pip alone may still be able to.
uv_installed_by() {
    command -v "$1" >/dev/null || return 1
    say "installing uv into $CACHE/uv"
    rm -rf "$CACHE/uv"
    {
        { "$1" -m venv "$CACHE/uv" && "$CACHE/uv/bin/python" -m pip install --quiet uv; } ||
            { rm -rf "$CACHE/uv" && "$1" -m pip install --quiet --target "$CACHE/uv" uv; }
    } >"$CACHE/uv.log" 2>&1 || return 1
    uv_here
}

ensure_uv() {
    mkdir -p "$CACHE"
    uv_here || uv_installed_by python3 || uv_installed_by "$(ensure_python)" || fail "cannot install uv (see $CACHE/uv.log)"
}
