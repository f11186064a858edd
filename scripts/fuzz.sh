#!/usr/bin/env bash
# Fuzzes the parsers and encodings with libFuzzer and the address sanitizer.
#   scripts/fuzz.sh SECONDS [TARGET...]    SECONDS for each target; all of Tests/Fuzz/Fuzz* without names
# What is found stays in .build/fuzz/findings. Mend it, then keep the input in Tests/Fuzz/Corpus/TARGET, which
# every run and the unit tests replay.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?"usage: scripts/fuzz.sh SECONDS [TARGET...]"}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(
    FuzzExpressions FuzzNumbers FuzzJSON FuzzKeys FuzzXML FuzzChunks FuzzForms FuzzRequests FuzzObjectKeys
    FuzzZips FuzzFrames)
work=.build/fuzz
mkdir -p "$work/findings"

for target in "${targets[@]}"; do
    echo "==> building $target (release, -sanitize=fuzzer,address)"
    FUZZ=1 swift build -c release --scratch-path "$work" --product "$target" -Xswiftc -sanitize=fuzzer,address \
        >"$work/$target.log" 2>&1 || { tail -40 "$work/$target.log"; exit 1; }
done

# Swift's own crash report would hide libFuzzer's, and takes seconds.
export SWIFT_BACKTRACE=enable=no
# Swift keeps the case of an enum in unused bits of the pointer to its content, which the leak check takes for
# memory that nobody points to. Growth would show as peak_rss_mb.
export ASAN_OPTIONS=detect_leaks=0
failed=0
for target in "${targets[@]}"; do
    found="$work/corpus/$target"
    mkdir -p "$found"
    options=(-max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
        -artifact_prefix="$work/findings/$target-")
    dictionary="Tests/Fuzz/$target/dictionary.txt"
    [ ! -f "$dictionary" ] || options+=(-dict="$dictionary")
    echo "==> $target for $seconds s"
    if "$work/release/$target" "${options[@]}" "$found" "Tests/Fuzz/Corpus/$target" >"$work/$target.run" 2>&1; then
        grep -E "number_of_executed_units|average_exec_per_sec|peak_rss_mb" "$work/$target.run"
    else
        tail -30 "$work/$target.run"
        failed=1
    fi
done
exit $failed
