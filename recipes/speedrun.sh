#!/bin/sh
# From captions to an evaluated bundle in a few minutes on two cores, without downloading anything:
#   recipes/speedrun.sh [FOLDER]
# The photos and captions are made by code; every other step is the command one would use on real
# ones. COUNT photos, STEPS steps.
set -eu
recipes=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
mkdir -p "${1:-build/speedrun}"
cd "${1:-build/speedrun}"

"$python" "$recipes/speedrun_photos.py" photos captions.csv "${COUNT:-1500}"
"$python" -m ansa data build captions.csv --dev 10 --test 10 --dedupe exact --out shards
sed "s/^steps = .*/steps = ${STEPS:-600}/" "$recipes/speedrun.toml" > recipe.toml
"$python" -m ansa train pretrain recipe.toml
"$python" -m ansa export recipe.toml bundle
"$python" -m ansa evaluate bundle --captions shards --split test --out results
