#!/bin/sh
# Everything that quickstart.sh does, then every test suite: unit, golden, fuzz corpora, faults, and
# integration against a real Apache Kafka. Ends with 'N passed, N failed, N skipped'.
#   ./test.sh [SUITE…]      only these suites (unit golden fault fuzz integration chaos model)
set -eu
cd "$(dirname "$0")"
# shellcheck source=contrib/setup.sh
. contrib/setup.sh

./quickstart.sh >quickstart.log 2>&1 || { cat quickstart.log >&2; die "quickstart.sh failed, see above."; }
rm -f quickstart.log

need_packages libcmocka-dev python3 python3-venv gzip zstd openssl default-jre-headless maven
build build-test -Db_lto=false

# What the tests need of Python: an Avro reader that is not ours, and what contrib/billing reads Kafka with.
venv=$PWD/build-test/venv
if [ ! -e "$venv/.whole-2" ]; then
    rm -rf "$venv"
    { python3 -m venv "$venv" && "$venv/bin/pip" install -q 'fastavro[zstandard]' confluent-kafka; } ||
        die "pip could not install fastavro and confluent-kafka into $venv: check the network, then run this again."
    : >"$venv/.whole-2"
fi
export WINNOW_PYTHON="$venv/bin/python3"

# Apache Kafka by its Maven coordinates.
KAFKA_LIB=$(sh tests/support/kafka_jars.sh) || die "Kafka's jars could not be had: see above, then run this again."
export KAFKA_LIB

status=0
args=
for suite in "$@"; do args="$args --suite $suite"; done
[ -n "$args" ] || args='--no-suite house' # How the tree looks is .ci/run's.
# shellcheck disable=SC2086
meson test -C build-test --print-errorlogs $args || status=$?
python3 tests/summary.py build-test/meson-logs/testlog.junit.xml || status=1
exit $status
