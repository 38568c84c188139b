#!/bin/sh
# Fuzzes each target for so many seconds (default 600): fuzz.sh [SECONDS] [TARGET…]. A finding ends it; its input lies in fuzz/artifacts.
# cargo-fuzz is installed where it is missing. There is one toolchain, the stable one: no address sanitizer, but everything of ours is safe Rust, where a fault is a panic, a hang
# or too much memory, and those are found.
set -eu
cd "$(dirname "$0")/../fuzz"
seconds=${1:-600}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- picture exif mrz card document receipt typed sheet
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --version 0.13.2 --locked
cargo run --quiet --release --bin seeds
for target in "$@"; do
    mkdir -p "grown/$target"
    echo "== $target, $seconds s"
    cargo fuzz run --fuzz-dir . --sanitizer none "$target" "grown/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=4096 -print_final_stats=1
done
