#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Run the short chaos form and the tests of `run` against other versions of librdkafka than the one that is installed:
#
#   with_librdkafka.sh VERSION…     such as: system 2.8.0 newest
#   TESTS="test_run test_run_kills" with_librdkafka.sh …     other tests; CHAOS="--seed 17": the chaos suite's arguments, or no
#
# Wheels of the Python package confluent-kafka carry a librdkafka of their version; pip fetches them. winnow is not built
# anew: the library keeps its ABI. Needs what the integration tests need (docs/HACKING.md). One row of a table a version.
set -eu

[ $# -gt 0 ] || { echo "with_librdkafka.sh: VERSION… (2.8.0, newest, or system)" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
: "${TESTS:=test_run test_run_errors test_run_secured}" "${CHAOS:=}" "${WINNOW_PYTHON:=python3}"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/winnow/librdkafka

# Have VERSION's library; prints its folder, nothing for the system's.
have() {
    [ "$1" != system ] || return 0
    dir=$cache/$1
    if [ ! -e "$dir/.whole" ] || [ "$1" = newest ]; then
        rm -rf "$dir"
        mkdir -p "$dir/wheel"
        wanted=confluent-kafka
        [ "$1" = newest ] || wanted=confluent-kafka==$1
        "$WINNOW_PYTHON" -m pip download -q --no-deps --only-binary :all: -d "$dir/wheel" "$wanted" >&2
        "$WINNOW_PYTHON" -m zipfile -e "$dir"/wheel/*.whl "$dir/wheel" # A wheel is a zip file.
        for library in "$dir"/wheel/confluent_kafka.libs/*; do
            ln -s "$library" "$dir/${library##*/}"
            case ${library##*/} in librdkafka-*) ln -s "$library" "$dir/librdkafka.so.1" ;; esac
        done
        : >"$dir/.whole"
    fi
    printf '%s\n' "$dir"
}

version_of() { # of the library that programs get with this LD_LIBRARY_PATH
    LD_LIBRARY_PATH=$1 "$WINNOW_PYTHON" -c 'import ctypes
lib = ctypes.CDLL("librdkafka.so.1")
lib.rd_kafka_version_str.restype = ctypes.c_char_p
print(lib.rd_kafka_version_str().decode())'
}

status=0
logs=$(mktemp -d)
say() { printf "$@" | tee -a "$logs/table"; }
say '| librdkafka | chaos, short form |'
for test in $TESTS; do say " \`%s\` |" "$test"; done
say '\n|---|---|'
for test in $TESTS; do say "%s" "---|"; done
say '\n'
for version in "$@"; do
    folder=$(have "$version")
    say '| %s |' "$(version_of "$folder")"
    if [ "$CHAOS" = no ]; then
        say ' – |'
    # shellcheck disable=SC2086
    elif LD_LIBRARY_PATH=$folder "$WINNOW_PYTHON" "$here/../chaos/chaos.py" $CHAOS >"$logs/chaos-$version" 2>&1; then
        say ' passed |'
    else
        say ' failed |'
        status=1
    fi
    for test in $TESTS; do
        if LD_LIBRARY_PATH=$folder "$WINNOW_PYTHON" "$here/$test.py" >"$logs/$test-$version" 2>&1; then
            say ' %s passed |' "$(grep -c '^ok ' "$logs/$test-$version")"
        else
            say ' %s passed, %s failed |' "$(grep -c '^ok ' "$logs/$test-$version" || :)" "$(grep -c '^not ok ' "$logs/$test-$version" || :)"
            status=1
        fi
    done
    say '\n'
done
echo "What each of them said: $logs"
exit $status
