#!/bin/sh
# Trains every head by its recipe, one after another:
#   recipes/heads.sh BUNDLE [NAME ...]
# BUNDLE is the one whose frozen image network they are for. Photos and folders are those that the
# recipes name. Stopped at any time, it goes on where it was. At the end it says how to put the
# heads onto the bundle.
set -eu
recipes=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
bundle=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- quality utility aesthetics print saliency detection tags

runs=""
for name in "$@"; do
    mkdir -p build/heads
    { echo "bundle = '$bundle'"; sed '/^bundle *=/d' "$recipes/heads/$name.toml"; } > "build/heads/$name.toml"
    "$python" -m ansa train head "$name" "build/heads/$name.toml"
    runs="$runs --head $(sed -n 's/^folder *= *"\(.*\)"/\1/p' "build/heads/$name.toml")"
done
echo "ansa export $bundle OUT$runs"
