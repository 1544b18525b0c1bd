#!/bin/sh
# From shards of photos to a bundle on a start that is kept, every step in order:
#   recipes/bundle.sh [OUT]
# The photos are in ~/ansa-data (docs/data.md; recipes/data/sources.toml names where they come from).
# Stopped at any time, the same command goes on where it was. Two cores need half a day.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
out=${1:-build/bundle}
towers=build/towers
mkdir -p build

"$python" -m ansa train pretrain recipes/kept-start-1.toml
"$python" -m ansa train pretrain recipes/kept-start.toml
[ -d "$towers" ] || "$python" -m ansa export recipes/kept-start.toml "$towers"
PYTHON="$python" sh recipes/heads.sh "$towers"
sed "s#^bundle = .*#bundle = \"$towers\"#" recipes/kept-start-prune.toml > build/kept-start-prune.toml
"$python" -m ansa train prune build/kept-start-prune.toml
heads=""
for name in quality utility aesthetics print saliency detection tags; do
    heads="$heads --head runs/heads/$name"
done
# shellcheck disable=SC2086 - the options are words of their own
"$python" -m ansa export "$towers" "$out" $heads --text runs/kept-start-prune --predecessor none
"$python" -m ansa export "$out" "$out" --search ~/ansa-data --predecessor none
"$python" -m ansa export "$out" "$out" --int8 ~/ansa-data \
    --predecessor src/ansa/bundles/default --pack ~/ansa-data
