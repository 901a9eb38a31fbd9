#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the model and runs the table of README.md: every line says what is expected; exit 1 if any differs.
# run.sh [brief|quick|long]. brief: some seconds, in the suite `model`. quick: about a minute and 2 GB. long: a quarter of an
# hour and 12 GB.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mode=${1:-quick}
bin=$(mktemp -d) || exit 2
trap 'rm -rf "$bin"' EXIT
build() { # name, partitions, processes, kept state by position
    "${CC:-cc}" -O2 -Wall -Wextra -DNP="$2" -DNPROC="$3" -DKEPT="$4" "$here"/*.c -o "$bin/$1" || exit 2
}
build a 1 2 0
fail=0
t() { # expected: holds | broken; then the command line
    want=$1 b=$2
    shift 2
    out=$("$bin/$b" "$@" 2>&1)
    rc=$?
    case $want$rc in holds0 | broken1) ok=ok ;; *) ok=WRONG fail=1 ;; esac
    why=$(printf '%s\n' "$out" | grep -E '^(VIOLATED|STUCK|CYCLE|more)' | head -1)
    printf '%-5s %-6s %-5s %-28s %s %s\n' "$ok" "$want" "$b" "$*" "$(printf '%s\n' "$out" | grep -oE 'states=[0-9]+ edges=[0-9]+' | head -1)" "$why"
}
if [ "$mode" = brief ]; then
    t holds a -f 1
    for x in 16 64; do t broken a -l -f 1 -x $x; done
    t broken a -l -f 0 -e 1 -E 0x10 -x 2
    t broken a -l -f 0 -e 1 -E 0x4 -x 4
    for m in 1 2 3 4 6 7 11; do t broken a -l -i -f 1 -m $m; done
    exit $fail
fi
build twin 1 3 0
build two 2 2 0
build kept 1 2 1
echo "# the design as amended"
t holds a -f 2
t holds twin -f 1
t holds two -f 1
t holds kept -f 1
t holds a -f 0 -e 2 -E 0x7f
t holds a -f 1 -e 1 -E 0x7f
t holds two -f 0 -e 1 -E 0x7f
t holds kept -f 2 -e 1 -E 8 -b 1 -k 0xe0
echo "# the design as it stood: only without the environment's faults and commits that are sent twice, false alarms of fenced workers allowed"
t holds a -X -i -f 2 -k 0x1ff
t holds twin -X -i -f 1 -k 0x1ff
t broken a -X -f 1
echo "# each amendment taken out"
t broken a -x 1 -f 0 -e 1 -E 0x20 # a break whose offset is out of range
t broken a -x 1 -f 0 -e 1 -E 0x10 # a break after the input was recreated
t broken a -x 1 -f 1 -e 2 -E 0x3 # neither offset nor head
t broken a -x 2 -f 0 -e 1 -E 0x10 # the CRC not checked before the commit
t broken a -x 4 -f 0 -e 1 -E 0x4 # state truncated, its last head stays
t broken a -x 4 -f 0 -e 1 -E 0x8 # state topic recreated under a running worker
t broken a -x 8 -f 1 -e 2 -E 0x9 # offsets expired, state topic recreated: no genesis
t broken a -x 16 -f 1 # a break is called without reading the offset again
t broken kept -x 32 -f 2 -e 1 -E 8 -b 1 -k 0xe0 # sequence begins with 1 again
t broken a -x 64 -f 1 # a commit sent twice ends the next transaction
echo "# mutants"
for m in 1 2 3 4 6 7 11; do
    t broken a -l -i -f 1 -m $m
done
t broken a -l -f 2 -m 3 -m 5
t broken a -l -f 1 -e 1 -E 0x40 -m 5
t broken a -l -f 1 -e 2 -E 0x3 -m 8
t broken a -l -i -f 1 -m 9
t broken twin -f 1 -m 12
t holds a -i -f 2 -m 10
t holds a -i -f 2 -m 5
if [ "$mode" = long ]; then
    echo "# more faults at once"
    t holds a -f 3
    for e in 1 2 4 8 16 32 64; do
        t holds a -f 2 -e 1 -E $e
    done
    t holds kept -f 2
    for k in 0x4 0x5 0xc 0x14 0x24 0x44 0x84 0x104; do # a twin and one more kind: without a twin it is a
        t holds twin -f 2 -k $k
    done
    t holds twin -f 2 -k 0x6 -c 70
fi
exit $fail
