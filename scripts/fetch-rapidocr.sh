#!/usr/bin/env bash
# Installs RapidOCR into assets/fetched/rapidocr, wheels pinned by hash in assets/requirements-rapidocr.txt: what `make bench-vision`
# compares with. A folder of its own, so that no virtual environment is needed and nothing else on the machine changes. Instant when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=assets/requirements-rapidocr.txt
folder=assets/fetched/rapidocr

if cmp --silent "$wanted" "$folder/requirements.txt"; then
    echo "rapidocr: all there ($folder)"
    exit 0
fi

python3 -m pip --version >/dev/null 2>&1 || { echo "rapidocr: pip is missing; please install python3-pip" >&2; exit 1; }
mkdir -p assets/fetched
work=$(mktemp -d assets/fetched/.rapidocr.XXXXXX)
trap 'rm -rf "$work"' EXIT

echo "rapidocr: downloading its wheels (150 MB)"
PIP_ROOT_USER_ACTION=ignore python3 -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes --only-binary :all: --target "$work/rapidocr" --requirement "$wanted"
cp "$wanted" "$work/rapidocr/requirements.txt"
rm -rf "$folder"
mv "$work/rapidocr" "$folder"
echo "rapidocr: ready ($folder)"
