#!/usr/bin/env bash
# Installs the system packages that building and testing need, where they are missing (Debian 12 and Ubuntu).
set -euo pipefail

missing=()
for package in libssl-dev libsqlite3-dev libcurl4-openssl-dev libxml2-dev openssl pkg-config; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -q
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://swift.org/install" >&2; exit 69; }
