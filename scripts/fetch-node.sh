#!/bin/sh
# Installs the style sheets, scripts and browser tools of package-lock.json into node_modules. Instant when they are there.
set -eu
cd "$(dirname "$0")/.."

want=$(cat package.json package-lock.json .npmrc | sha256sum | cut -d' ' -f1)
stamp=node_modules/.installed
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
    echo "node: all there (node_modules)"
    exit 0
fi
command -v npm >/dev/null || { echo "node: npm is missing; please install npm" >&2; exit 1; }
echo "node: installing"
npm ci --no-progress --loglevel=error
echo "$want" >"$stamp"
echo "node: ready (node_modules)"
