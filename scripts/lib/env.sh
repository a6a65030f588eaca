# The environments everything runs in: one for each dependency group of pyproject.toml, under .venv/. Sourced.
#
#   . "$(dirname "$0")/lib/env.sh"
#   venv=$(ensure_env demo)        # test, oldest, demo, engine, bench, lint or node; prints the environment's folder
#   "$venv/bin/python" -m ...
#
# The first call installs requirements/GROUP.txt; later ones see from the stamp that it is done. Progress goes to
# standard error. ROOT is the checkout's folder.

set -euo pipefail
shopt -s inherit_errexit
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export PYTHONPATH=$ROOT
# With it every start would compile Home Assistant anew.
unset PYTHONDONTWRITEBYTECODE

# shellcheck source=say.sh
. "$ROOT/scripts/lib/say.sh"
# shellcheck source=python.sh
. "$ROOT/scripts/lib/python.sh"

ensure_env() {
    local group=$1 venv=$ROOT/.venv/$1 requirements=$ROOT/requirements/$1.txt stamp
    [ -r "$requirements" ] || fail "there is no environment named $group"
    stamp=$(cksum <"$requirements")
    if ! is_ready "$venv" "$stamp"; then
        mkdir -p "$ROOT/.venv"
        (
            # Two scripts at once would install into each other's hands.
            if command -v flock >/dev/null; then flock 9; fi
            if ! is_ready "$venv" "$stamp"; then build_env "$group" "$venv" "$requirements" "$stamp"; fi
        ) 9>"$venv.lock" >&2
    fi
    echo "$venv"
}

is_ready() {
    [ "$(cat "$1/.stamp" 2>/dev/null)" = "$2" ] && "$1/bin/python" -c '' 2>/dev/null
}

build_env() {
    local group=$1 venv=$2 requirements=$3 stamp=$4 python uv started=$SECONDS
    python=$(ensure_python)
    uv=$(ensure_uv)
    say "making .venv/$group with $("$python" -V) from requirements/$group.txt"
    export UV_PYTHON_DOWNLOADS=never
    if ! "$venv/bin/python" -c '' 2>/dev/null; then "$uv" venv --quiet --clear --python "$python" "$venv"; fi
    rm -f "$venv/.stamp"
    if [ "$group" = demo ]; then borrow_compiler; fi
    "$uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "$requirements"
    echo "$stamp" >"$venv/.stamp"
    say ".venv/$group is ready ($(seconds_since "$started"))"
}

# Two of the demo's packages are sources in C++. A machine without a compiler borrows zig's, which is a package itself.
borrow_compiler() {
    if command -v cc >/dev/null && command -v c++ >/dev/null; then return; fi
    local zig
    say "no C++ compiler here: borrowing one (compiling with it takes a minute)"
    zig=$(ensure_env compiler)
    zig="$zig/bin/python -m ziglang"
    export CC="$zig cc" CXX="$zig c++" LDSHARED="$zig cc -shared" LDCXXSHARED="$zig c++ -shared"
}
