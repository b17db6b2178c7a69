#!/bin/sh
# Chromium for the browser tests: by apt as root; otherwise the tests skip themselves and say so.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "[browser] installing chromium by apt"
    apt-get -qq update && apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends chromium fonts-liberation \
        >/dev/null && exit 0
fi
echo "[browser] NO CHROMIUM: the browser tests will be skipped. Install it, on Debian: apt install chromium" >&2
