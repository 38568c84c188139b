#!/bin/sh
# Runs a throw-away PostgreSQL for the tests for as long as standard input is open: its data in a temporary folder,
# reached only through a socket in there, without fsync. The first line on standard output is that folder. When standard
# input closes, however the tests ended, the server is stopped and everything is removed.
set -eu

fail() {
    echo "$1" >&2
    exit 1
}

bin=
for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
        bin=$folder
        break
    fi
done
if [ -z "$bin" ]; then
    initdb=$(command -v initdb) || fail "PostgreSQL is not installed; run: sudo apt-get install -y postgresql"
    bin=$(dirname "$(readlink -f "$initdb")")
    [ -x "$bin/postgres" ] || fail "PostgreSQL's server is not installed; run: sudo apt-get install -y postgresql"
fi

# PostgreSQL refuses to run as root.
as=
folder=$(mktemp -d "${TMPDIR:-/tmp}/baokao-pg.XXXXXX")
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$folder"
fi

server=
stop() {
    trap - EXIT INT TERM HUP
    if [ -n "$server" ]; then
        # QUIT is the immediate shutdown: nothing in there is worth a checkpoint.
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

cd "$folder"
$as "$bin/initdb" --pgdata="$folder/data" --username=baokao --auth=trust --encoding=UTF8 --locale=C --no-sync \
    --no-instructions >"$folder/log" 2>&1 || fail "initdb failed: $(tail -n 5 "$folder/log")"
$as "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" -c fsync=off \
    -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB \
    -c timezone=UTC >"$folder/log" 2>&1 </dev/null &
server=$!

tries=0
until $as "$bin/pg_isready" --quiet --host="$folder" --username=baokao --dbname=postgres; do
    tries=$((tries + 1))
    kill -0 "$server" 2>/dev/null && [ "$tries" -lt 300 ] || fail "PostgreSQL did not start: $(tail -n 5 "$folder/log")"
    sleep 0.1
done
echo "$folder"
cat >/dev/null
