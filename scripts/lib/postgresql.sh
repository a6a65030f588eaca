#!/usr/bin/env bash
# Where PostgreSQL's programs are, installed first where there are none: postgresql.sh prints the folder of initdb.
#
# The ledger's tests start a server of their own from it, on a socket of their own and with nothing listening. A machine
# that can have none makes them fail: what was not tried on a server is not known to work there.

set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=say.sh
. "$(dirname "${BASH_SOURCE[0]}")/say.sh"

programs_here() {
    local candidate
    for candidate in "$(dirname "$(readlink -f "$(command -v initdb || true)")" 2>/dev/null || true)" \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin; do
        if [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ]; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

install_by_apt() {
    local root=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" != 0 ]; then root=(sudo -n); fi
    say "installing postgresql for the tests of the ledger"
    "${root[@]}" apt-get -qq update >&2 || true
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends postgresql >&2
}

ensure_programs() {
    programs_here && return
    install_by_apt || fail "no PostgreSQL here, and it cannot be installed: install your system's postgresql package"
    programs_here || fail "postgresql is installed, but initdb is not where it is looked for"
}

# Two workers of one run would install at once.
lock=${XDG_CACHE_HOME:-$HOME/.cache}/smart-evse/postgresql.lock
mkdir -p "$(dirname "$lock")"
exec 9>"$lock"
if command -v flock >/dev/null; then flock 9; fi
ensure_programs
