#!/bin/sh
# Puts the fonts into assets/fetched/fonts: Noto Sans SC (two weights) from its npm package and HanaMinB, the
# fallback for rare Han characters, from Debian's fonts-hanazono. Needs npm, apt-get and dpkg-deb, and no root: the
# package is downloaded with lists of its own in a temporary folder. Every font is checked against its hash, and what is
# already there is not fetched again. Sources and licences: assets/FONTS.md.
set -eu

NOTO_PACKAGE=@expo-google-fonts/noto-sans-sc@0.4.3
HAN_PACKAGE=fonts-hanazono
REGULAR=d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16
BOLD=9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96
FALLBACK=829543436cdf7b4c6730e2af5806fa406f8ddf0d4b656e0cd49c58d4db1c8d3c

root=$(cd "$(dirname "$0")/.." && pwd)
into=$root/assets/fetched/fonts
mkdir -p "$into"

fail() {
    echo "fetch-fonts: $1" >&2
    exit 1
}

# matches HASH FILE: whether FILE is there and has that sha256.
matches() {
    [ -f "$2" ] && [ "$(sha256sum "$2" | cut -d' ' -f1)" = "$1" ]
}

# place HASH SOURCE NAME: puts a checked font in its place in one step, so that a font that is there is whole.
place() {
    matches "$1" "$2" || fail "$3 is not the expected font (sha256 differs); nothing was installed in its place"
    cp "$2" "$into/.$3.$$"
    chmod 644 "$into/.$3.$$"
    mv "$into/.$3.$$" "$into/$3"
}

work=
trap 'if [ -n "$work" ]; then rm -rf "$work"; fi; rm -f "$into"/.*."$$"' EXIT
trap 'exit 130' INT TERM
temporary() {
    if [ -z "$work" ]; then work=$(mktemp -d); fi
}

noto() {
    command -v npm >/dev/null || fail "npm is needed to fetch Noto Sans SC"
    temporary
    echo "fetch-fonts: Noto Sans SC"
    (cd "$work" && npm pack --silent "$NOTO_PACKAGE" >/dev/null 2>"$work/npm.log") || {
        cat "$work/npm.log" >&2
        fail "npm could not fetch $NOTO_PACKAGE"
    }
    tar -xzf "$work"/expo-google-fonts-noto-sans-sc-*.tgz -C "$work" \
        package/400Regular/NotoSansSC_400Regular.ttf package/700Bold/NotoSansSC_700Bold.ttf package/LICENSE_FONT
    place "$REGULAR" "$work/package/400Regular/NotoSansSC_400Regular.ttf" NotoSansSC-Regular.ttf
    place "$BOLD" "$work/package/700Bold/NotoSansSC_700Bold.ttf" NotoSansSC-Bold.ttf
    cp "$work/package/LICENSE_FONT" "$into/NotoSansSC-LICENSE.txt"
}

# Debian's own client with private lists and cache: it keeps the machine's mirror, proxy and keys, and writes
# nothing outside the temporary folder.
private_apt() {
    apt-get -q \
        -o Dir::State="$work/apt/state" -o Dir::State::status="$work/apt/status" \
        -o Dir::Cache="$work/apt/cache" -o Dir::Log="$work/apt" \
        -o APT::Sandbox::User="" -o Debug::NoLocking=1 \
        "$@" >>"$work/apt.log" 2>&1
}

fallback() {
    installed=/usr/share/fonts/truetype/hanazono/HanaMinB.ttf
    if matches "$FALLBACK" "$installed"; then
        place "$FALLBACK" "$installed" fallback.ttf
        if [ -f "/usr/share/doc/$HAN_PACKAGE/copyright" ]; then
            cp "/usr/share/doc/$HAN_PACKAGE/copyright" "$into/fallback-LICENSE.txt"
        fi
        return
    fi
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "apt-get and dpkg-deb are needed to fetch $HAN_PACKAGE; or install it, so that $installed is there"
    temporary
    echo "fetch-fonts: HanaMinB"
    mkdir -p "$work/apt/state/lists/partial" "$work/apt/cache/archives/partial"
    : >"$work/apt/status"
    # Clean-up hooks of some containers want root and make a good update end with an error, so that only the
    # download's result decides.
    private_apt update || true
    (cd "$work" && private_apt download "$HAN_PACKAGE") || {
        tail -n 20 "$work/apt.log" >&2
        fail "apt-get could not download $HAN_PACKAGE"
    }
    dpkg-deb -x "$work/$HAN_PACKAGE"_*.deb "$work/han"
    place "$FALLBACK" "$work/han/usr/share/fonts/truetype/hanazono/HanaMinB.ttf" fallback.ttf
    cp "$work/han/usr/share/doc/$HAN_PACKAGE/copyright" "$into/fallback-LICENSE.txt"
}

if ! { matches "$REGULAR" "$into/NotoSansSC-Regular.ttf" && matches "$BOLD" "$into/NotoSansSC-Bold.ttf"; }; then noto; fi
if ! matches "$FALLBACK" "$into/fallback.ttf"; then fallback; fi
echo "fetch-fonts: the fonts are in ${into#"$root"/}"
