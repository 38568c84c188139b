#!/bin/sh
# What the tests need from Debian: PostgreSQL's server, Chromium, a Chinese font. Installs what is missing when it may
# (as root); says in one line what to run when it may not. Instant when everything is there.
set -eu

missing=
need() { missing="$missing $1"; }

has_postgres() {
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then return 0; fi
    done
    command -v initdb >/dev/null && [ -x "$(dirname "$(readlink -f "$(command -v initdb)")")/postgres" ]
}
has_postgres || need postgresql
command -v setpriv >/dev/null || need util-linux
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null; then need chromium; fi
command -v fc-list >/dev/null || need fontconfig
[ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ] || need fonts-noto-cjk

if [ -z "$missing" ]; then
    echo "packages: all there"
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "packages: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Clean-up hooks of some containers make a good update end with an error; the installation decides.
    apt-get update -qq >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # several names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
    echo "packages: installed"
else
    echo "Please run: sudo apt-get install -y$missing" >&2
    exit 1
fi
