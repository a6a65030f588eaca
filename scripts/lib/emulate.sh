#!/usr/bin/env bash
# Starts an imitation of Stripe by others, which the payments are tried against: emulate.sh ARGUMENTS ...
#
# It comes from npm, as its lock file in requirements/emulate says, and runs on a Node.js of its own in .venv/node; both
# are installed first where they are not. Without an argument it is only installed.
. "$(dirname "$0")/env.sh"

node=$(ensure_env node)
folder=$ROOT/.venv/emulate
stamp=$(cat "$ROOT"/requirements/emulate/*.json | cksum)

is_there() { [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$stamp" ]; }

install() {
    say "installing emulate into .venv/emulate"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$ROOT"/requirements/emulate/*.json "$folder"
    (cd "$folder" && PATH=$node/bin:$PATH npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$stamp" >"$folder/.stamp"
}

if ! is_there; then
    (
        # Two workers of one run would install at once.
        if command -v flock >/dev/null; then flock 9; fi
        is_there || install
    ) 9>"$folder.lock" >&2
fi
[ $# -eq 0 ] || exec "$node/bin/node" "$folder/node_modules/emulate/dist/index.js" "$@"
