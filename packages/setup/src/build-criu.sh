#!/usr/bin/env bash
# Builds CRIU 4.2.1 with one mended line and puts it at $1.
#
# Why not Debian's package: Debian 12's 3.17.1 fails every command on kernels >= 6.13 (the vdso was split;
# checkpoint-restore/criu#2532), and Debian 13's needs a newer libc. The source comes from the mirror that this machine's
# apt already uses, by checksum; apt's sources stay as they are. About 70 s on two cores.
#
# The mended line: a dump to a page server ends with a small closing message, sent while TCP_CORK is still on, so the
# kernel holds it back for about 185 ms of a frozen VPS. The cork is taken off before the answer is read. The build says
# so of itself: `criu --version` prints `GitID: muster-uncorked`.
set -euo pipefail
version=4.2.1
sha256=29ec0ee09e296479fe7048c80980e8ef1d0684d0b0204c2b101dfea19f6725b9
out=${1:?usage: build-criu.sh OUTPUT}
say() { echo "build-criu: $*" >&2; }
trap 'say "failed in line $LINENO"' ERR

# Both forms that apt knows: a machine has either. Other vendors' sources are among them, so each is asked in turn.
mirrors() {
  cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *//p' | tr ' ' '\n' || true
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' || true
}
fetch() {
  local mirror
  for mirror in $(mirrors | awk '!seen[$0]++'); do
    curl -sfL --retry 2 "${mirror%/}/pool/main/c/criu/criu_$version.orig.tar.xz" -o "$1" && return 0
  done
  return 1
}

mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$(dirname "$out")/build-criu.XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch "$work/criu.tar.xz" || { say "none of apt's mirrors has criu_$version.orig.tar.xz"; exit 1; }
echo "$sha256  $work/criu.tar.xz" | sha256sum -c --quiet - || { say "the source's checksum is wrong"; exit 1; }
tar -C "$work" -xf "$work/criu.tar.xz"
source=$work/criu-$version

answer='if (__recv(page_server_sk, &status, sizeof(status), 0) != sizeof(status)) {'
[ "$(grep -cF "$answer" "$source/criu/page-xfer.c")" = 1 ] || { say "page-xfer.c is not the one that is known"; exit 1; }
awk -v answer="$answer" 'index($0, answer) { print "\ttcp_cork(page_server_sk, false);" } { print }' \
  "$source/criu/page-xfer.c" >"$work/page-xfer.c"
mv "$work/page-xfer.c" "$source/criu/page-xfer.c"

make -C "$source" -j"$(nproc)" GITID=muster-uncorked criu >"$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; exit 1; }
install -m 755 "$source/criu/criu" "$work/criu"
strip "$work/criu" || true
"$work/criu" --version | grep -q muster-uncorked || { say "the build lost its mark"; exit 1; }
mv "$work/criu" "$out" # whole or not at all: a killed build leaves no half binary
