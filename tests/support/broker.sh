#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One Apache Kafka node for tests (KRaft, broker and controller in one process), on loopback.
#
#   KAFKA_LIB=JARS broker.sh start DIR PORT [key=value …]   first time or again on the same data; waits until it serves
#                  broker.sh format DIR PORT [key=value …]  the first half of a first start; its data/ fits any DIR and PORT
#                  broker.sh stop DIR                       SIGTERM, and waits for its end
#                  broker.sh kill DIR                       SIGKILL, and waits for its end
#
# JARS is a folder with org.apache.kafka:kafka_2.13 and what it needs at run time (test.sh fetches them by
# Maven coordinates). DIR holds the configuration, data/, log and pid; the controller listens on PORT + 1.
# The storage is formatted by Kafka's own tool: a meta.properties made by hand starts as well,
# but with transaction.version=0. KAFKA_FORMAT holds more of that tool's options, such as --add-scram.
set -eu

: "${KAFKA_LIB:=/opt/kafka-jars}"
: "${KAFKA_JAVA:=-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxDirectMemorySize=128m}"

say() { echo "broker.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || say "start|format DIR PORT [key=value …] | stop DIR | kill DIR"
verb=$1
dir=$2
shift 2

# A process that has ended but was not reaped yet (a container's init may be late) counts as gone.
running() {
    [ -s "$dir/pid" ] || return 1
    state=$(sed 's/^.*) //; s/ .*//' "/proc/$(cat "$dir/pid")/stat" 2>/dev/null) || return 1
    case $state in '' | X | Z) return 1 ;; esac
}

await_end() {
    while running; do sleep 0.05; done
    rm -f "$dir/pid"
}

configure() {
    port=$1
    cat >"$dir/server.properties" <<CONF
node.id=1
process.roles=broker,controller
controller.quorum.voters=1@127.0.0.1:$((port + 1))
controller.listener.names=CTL
listeners=OUT://127.0.0.1:$port,CTL://127.0.0.1:$((port + 1))
advertised.listeners=OUT://127.0.0.1:$port
inter.broker.listener.name=OUT
listener.security.protocol.map=OUT:PLAINTEXT,CTL:PLAINTEXT
log.dirs=$dir/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
CONF
}

format() {
    [ $# -ge 1 ] || say "$verb needs a port"
    port=$1
    shift
    command -v java >/dev/null || say "no java; install default-jre-headless"
    [ -d "$KAFKA_LIB" ] || say "KAFKA_LIB=$KAFKA_LIB: no such folder of Kafka's jars"
    mkdir -p "$dir/data"
    if [ ! -e "$dir/server.properties" ]; then
        configure "$port"
        for setting in "$@"; do echo "$setting" >>"$dir/server.properties"; done
    fi
    # shellcheck disable=SC2086
    [ -e "$dir/data/meta.properties" ] ||
        java $KAFKA_JAVA -cp "$KAFKA_LIB/*" kafka.tools.StorageTool format \
            -t winnow-test-cluster-id1 -c "$dir/server.properties" ${KAFKA_FORMAT:-} >"$dir/format" 2>&1 ||
        say "the storage can't be formatted: $(tail -n 3 "$dir/format")"
}

start() {
    if running; then return; fi
    format "$@"
    : >"$dir/log"
    # shellcheck disable=SC2086
    setsid java $KAFKA_JAVA -Dorg.slf4j.simpleLogger.logFile="$dir/log" -cp "$KAFKA_LIB/*" \
        kafka.Kafka "$dir/server.properties" >"$dir/out" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    tries=0
    until grep -q 'Kafka Server started' "$dir/log"; do
        running || say "it ended: $(tail -n 3 "$dir/log" "$dir/out")"
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || say "not up after two minutes: see $dir/log"
        sleep 0.05
    done
}

end_by() {
    if running; then
        kill -"$1" "$(cat "$dir/pid")"
        await_end
    fi
}

case $verb in
start) start "$@" ;;
format) format "$@" ;;
stop) end_by TERM ;;
kill) end_by KILL ;;
*) say "no verb '$verb'" ;;
esac
