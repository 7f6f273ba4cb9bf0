#!/bin/sh
# usage: unshare --mount --propagation slave -- in-private-mounts.sh CHECKOUT PLACE COMMAND...
# Shows the checkout, read-only, at a place that unprivileged users may enter, to this one process tree only. With the mount
# namespace it disappears by itself, so a kill -9 leaves nothing mounted. nosuid: the checkout gives nobody a right.
set -eu
mount --bind "$1" "$2"
mount -o remount,bind,ro,nosuid,nodev "$2"
shift 2
exec "$@"
