#!/bin/sh
# Builds build/muster-native, and the tests' own client beside it (trial/); does nothing when it is newer than its
# sources. Needs a C compiler and libc's headers.
set -eu
cd "$(dirname "$0")"
target=build/muster-native
newest=$(ls -t -- *.c *.h trial/*.c build.sh "$target" 2>/dev/null | head -n 1)
[ "$newest" = "$target" ] && exit 0
mkdir -p build
pty=
[ -f pty.c ] && pty="-DWITH_PTY"
# Renamed into place: a running VPS's hook never meets half a binary.
compile() {
	out=$1
	shift
	"${CC:-cc}" -std=gnu17 -O2 -static -Wall -Wextra -Werror -D_GNU_SOURCE $pty -o "$out.$$" "$@"
	mv "$out.$$" "$out"
}
compile build/steady-client trial/steady-client.c -pthread
compile "$target" ./*.c
