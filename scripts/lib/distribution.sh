#!/usr/bin/env bash
# Python 3.14 out of the distribution's own packages, unpacked under a private prefix: distribution.sh PREFIX
#
# A program rather than a part of python.sh, so that its first failure stops it wherever it was called from.
#
# python3.14 of a newer suite and the few shared libraries it needs, its C library among them, are laid under one
# folder that nothing else on the machine uses; the interpreter is then told to use the dynamic loader and the
# libraries of that folder. No root is needed, and the machine's own packages, sources and apt state stay as they are.

set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=say.sh
. "$(dirname "${BASH_SOURCE[0]}")/say.sh"

LIBRARIES=usr/lib/x86_64-linux-gnu

# The first mirror that the machine's own apt sources name.
distribution_mirror() {
    local id=$1
    {
        apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null || true
        sed -nE 's/^(URIs:|deb( \[[^]]*\])?) +([^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null ||
            true # one of them is usually missing
    } | awk -v "mirror=/$id/?\$" '$0 ~ mirror && !found++'
}

# private_apt FOLDER MIRROR KEYRING SUITE...: an apt of our own, with an empty status file.
private_apt() {
    local work=$1 mirror=$2 keyring=$3 suite
    shift 3
    mkdir -p "$work"/{parts,preferences,state/lists/partial,cache/archives/partial,debs}
    : >"$work/status"
    for suite in "$@"; do echo "deb [signed-by=$keyring] $mirror $suite main"; done >"$work/sources.list"
    cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/parts";
Dir::Etc::preferencesparts "$work/preferences";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Update::Post-Invoke "";
APT::Update::Post-Invoke-Success "";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
    APT_CONFIG="$work/apt.conf" apt-get -qq update >&2
}

# The packages that apt itself would install for the interpreter, less what is data or a program the machine has
# already, plus the C headers, to build what has no wheel.
python_packages() {
    apt-get install -s python3.14 python3.14-venv | awk '/^Inst /{print $2}' | grep -vE \
        '^(gcc-.*-base|debconf|tzdata|netbase|readline-common|openssl|openssl-provider-legacy|ca-certificates|media-types|libc-gconv-modules-extra)$'
    echo libpython3.14-dev
}

# patchelf of the running suite: the machine's own, or unpacked beside the rest.
ensure_patchelf() {
    local work=$1 suite=$2
    command -v patchelf && return
    (cd "$work" && apt-get -qq download "patchelf/$suite" >&2 && dpkg-deb -x patchelf_*.deb "$work/patchelf")
    echo "$work/patchelf/usr/bin/patchelf"
}

# One change a call: an older patchelf garbles the path when it is asked for all at once. RPATH rather than RUNPATH,
# because it also serves what the program opens later; and the C library's other parts are loaded at once, so that no
# wheel brings in the machine's own.
bind_interpreter() {
    local patchelf=$1 program=$2 libraries=$3 part
    "$patchelf" --set-interpreter "$libraries/ld-linux-x86-64.so.2" "$program"
    for part in libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2; do
        "$patchelf" --add-needed "$part" "$program"
    done
    "$patchelf" --force-rpath --set-rpath "$libraries" "$program"
}

# The interpreter says where its headers, libraries and bundled pip are: under the prefix as well.
rebase_folders() {
    local root=$1 prefix=$2
    cp "$root/usr/include/x86_64-linux-gnu/python3.14/pyconfig.h" "$root/usr/include/python3.14/pyconfig.h"
    sed -i -E "s#'/usr/(include|lib|share/python-wheels)#'$prefix/usr/\\1#" "$root"/usr/lib/python3.14/_sysconfigdata_*.py
    ln -sfn python3.14 "$root/usr/bin/python3"
    rm -rf "$root"/usr/share/{doc,man,lintian,bug,locale,binfmts,applications,pixmaps} \
        "$root"/usr/lib/python3.14/config-3.14-*/*.a
}

# Which suite has the interpreter, and whose key signs it.
choose_suite() {
    [ -r /etc/os-release ] && command -v apt-get dpkg-deb >/dev/null || fail "neither Debian nor Ubuntu: install Python 3.14 yourself"
    [ "$(dpkg --print-architecture)" = amd64 ] || fail "written for amd64 only: install Python 3.14 yourself"
    . /etc/os-release
    case $ID in
        debian) newer=forky keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
        ubuntu) newer=resolute keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
        *) fail "$ID is neither Debian nor Ubuntu: install Python 3.14 yourself" ;;
    esac
}

unpack_python() {
    local prefix=$1 mirror names patchelf root package
    choose_suite
    mirror=$(distribution_mirror "$ID")
    [ -n "$mirror" ] || fail "no $ID mirror in this machine's apt sources"

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    say "reading the package lists of $ID $newer"
    private_apt "$work" "$mirror" "$keyring" "$VERSION_CODENAME" "$newer"
    export APT_CONFIG=$work/apt.conf
    mapfile -t names < <(python_packages)
    say "fetching python3.14 and what it needs (${#names[@]} packages, about 33 MB)"
    (cd "$work/debs" && apt-get -qq download "${names[@]}" >&2)
    patchelf=$(ensure_patchelf "$work" "$VERSION_CODENAME")

    say "unpacking into $prefix"
    root=$work/root
    mkdir -p "$root" "$(dirname "$prefix")"
    for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$root"; done
    bind_interpreter "$patchelf" "$root/usr/bin/python3.14" "$prefix/$LIBRARIES"
    rebase_folders "$root" "$prefix"
    chmod 755 "$root"
    rm -rf "$prefix"
    mv "$root" "$prefix"
    "$prefix/usr/bin/python3.14" -I -m compileall -q -j0 "$prefix/usr/lib/python3.14" >&2 || true
}

unpack_python "$1"
