#!/usr/bin/env bash
# Installs the Debian packages that are missing and says which. Usage: setup.sh run|test|bench
set -euo pipefail

run_packages=(
    librocksdb-dev libuv1-dev libssl-dev zlib1g-dev libpng-dev libzip-dev libdeflate-dev
    libmbedtls-dev libstdc++-12-dev pkg-config
    pocketsphinx pocketsphinx-en-us ffmpeg curl python3
)
test_packages=(libhttp-parser-dev python3-venv openssl unzip libarchive-tools debootstrap wrk s3cmd rclone chromium-headless-shell)
bench_packages=(python3-venv wrk nginx-light)

packages=("${run_packages[@]}")
case "${1:-run}" in
    run) ;;
    test) packages+=("${test_packages[@]}") ;;
    bench) packages+=("${bench_packages[@]}") ;;
    *) echo "setup.sh run|test|bench" >&2 && exit 64 ;;
esac

if ! command -v swift >/dev/null; then
    echo "There is no 'swift' on the PATH. Install a Swift 6.2 or newer toolchain from swift.org/install." >&2
    exit 69
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "==> installing missing system packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Installing needs root. Run as root: apt-get install ${missing[*]}" >&2
        exit 77
    fi
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
