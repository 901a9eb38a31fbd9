#!/bin/sh
# docs/metrics.md is what the code's own table says.
"$1" help --metrics | diff -u "$2/docs/metrics.md" - || { echo "run: meson compile update-metrics"; exit 1; }
