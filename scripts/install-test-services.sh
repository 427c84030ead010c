#!/usr/bin/env bash
# Installs what the optional tests need on Debian and Ubuntu. Safe to run again; needs root or sudo.
set -euo pipefail

# program : package
wanted=(
  chromium:chromium
  ffmpeg:ffmpeg
  socat:socat
  mosquitto:mosquitto
  mosquitto_pub:mosquitto-clients
  strace:strace
  mount:mount
  python3:python3
  make:make
  c++:g++
)

missing=()
for entry in "${wanted[@]}"; do
  command -v "${entry%%:*}" >/dev/null 2>&1 || missing+=("${entry##*:}")
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "Test services: all there."
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Test services: apt-get is not here; install these with this system's own package manager: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "Test services: run this as root (sudo is not here)." >&2; exit 1; }
  as_root=(sudo)
fi

echo "Test services: installing ${missing[*]} …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1; }
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
  cat "$log" >&2
  echo "Test services: apt-get failed; its output stands above." >&2
  exit 1
fi
echo "Test services: done."
