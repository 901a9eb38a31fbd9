#!/bin/sh
# clang-tidy 14 over our own C; the fuzz targets' entry point breaks the naming rule by design.
set -eu
find src tests/unit tests/support bench -name '*.c' | sort |
    xargs -P "$(nproc)" -n 4 clang-tidy-14 --quiet -p "$1" 2>"$1/tidy.err" || { tail -n 5 "$1/tidy.err"; exit 1; }
