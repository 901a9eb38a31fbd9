#!/bin/sh
# docs/runbook.md is what the code's own table says.
"$1" help --runbook | diff -u "$2/docs/runbook.md" - || { echo "run: meson compile update-runbook"; exit 1; }
