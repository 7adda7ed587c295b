#!/usr/bin/env bash
# Runs a command with a private PostgreSQL beside it:
#
#   tests/postgres.sh cargo test
#
# The cluster lives in a temporary folder, listens on a free port of 127.0.0.1
# and is stopped and removed at the end, however the command ends. The command
# finds its address in MARKHOUND_TEST_POSTGRES. The exit code is the command's.
set -euo pipefail

if (($# == 0)); then
    echo "usage: tests/postgres.sh COMMAND [ARGUMENT…]" >&2
    exit 2
fi

# The newest version that is installed; Debian keeps several side by side.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [[ -z $bin && $(command -v initdb) ]]; then
    bin=$(dirname "$(command -v initdb)")
fi
if [[ ! -x $bin/initdb || ! -x $bin/pg_ctl ]]; then
    echo "PostgreSQL's server programs are missing: install the package postgresql" >&2
    exit 1
fi

# PostgreSQL refuses to run as root: then Debian's user of that name runs it.
# The socket's path must stay short, so the folder is made in /tmp.
folder=$(mktemp -d /tmp/markhound-pg.XXXXXX)
as=()
if [[ $(id -u) -eq 0 ]]; then
    as=(runuser -u postgres --)
    chown postgres "$folder"
fi

# The folder is left before it goes away, and the programs run from a place
# their user may read.
run() { (cd "$folder" && exec "${as[@]}" "$@"); }

stop() {
    trap - EXIT INT TERM
    run "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

run "$bin/initdb" -D "$folder/data" -U markhound --auth=trust --encoding=UTF8 \
    --locale=C --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }

# A free port can be taken by somebody else before it is used: try again then.
started=
for _ in 1 2 3 4 5; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # Nothing here must survive a crash, so nothing waits for the disk.
    options="-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories=$folder"
    options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    if run "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 -o "$options" start >/dev/null 2>&1; then
        started=yes
        break
    fi
done
if [[ -z $started ]]; then
    echo "the private PostgreSQL did not start:" >&2
    cat "$folder/server.log" >&2
    exit 1
fi

export MARKHOUND_TEST_POSTGRES="postgres://markhound@127.0.0.1:$port/postgres"
code=0
"$@" || code=$?
exit "$code"
