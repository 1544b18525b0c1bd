#!/bin/sh
# From shards of photos to a bundle on a start that is kept, every step in order:
#   recipes/bundle.sh [OUT]
# The photos are in ~/ansa-data (docs/data.md; recipes/data/sources.toml names where they come from).
# Stopped at any time, the same command goes on where it was. Two quiet cores need some two hours.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
out=${1:-build/bundle}
towers=build/towers
mkdir -p build

# The layers of the text network start from the bundle that shipped before; recipes/earlier made it.
if [ ! -d build/earlier ]; then
    git archive edf75fa src/ansa/bundles/default | tar -x -C build
    mv build/src/ansa/bundles/default build/earlier
fi
"$python" -m ansa train pretrain recipes/pretrain-1.toml
"$python" -m ansa train pretrain recipes/pretrain.toml
[ -d "$towers" ] || "$python" -m ansa export recipes/pretrain.toml "$towers"
PYTHON="$python" sh recipes/heads.sh "$towers"
sed "s#^bundle = .*#bundle = \"$towers\"#" recipes/prune.toml > build/prune.toml
"$python" -m ansa train prune build/prune.toml
heads=""
for name in quality utility aesthetics print saliency detection tags; do
    heads="$heads --head runs/heads/$name"
done
# shellcheck disable=SC2086 - the options are words of their own
"$python" -m ansa export "$towers" "$out" $heads --text runs/prune --predecessor none
{ echo "bundle = '$out'"; cat recipes/heads/detection-2.toml; } > build/detection-2.toml
"$python" -m ansa train head detection build/detection-2.toml
"$python" -m ansa export "$out" "$out" --head runs/heads/detection-2 --predecessor none
sed "s#^bundle = .*#bundle = \"$out\"#" recipes/text.toml > build/text.toml
"$python" -m ansa train text build/text.toml
"$python" -m ansa export "$out" "$out" --text runs/text --predecessor none
"$python" -m ansa export "$out" "$out" --int8 ~/ansa-data \
    --predecessor build/earlier --pack ~/ansa-data --accepted recipes/accepted.toml
