#!/bin/sh
# Print a folder with the jars of Apache Kafka, fetched by Maven where it is not there yet.
set -eu
kafka=4.3.1
dir=${XDG_CACHE_HOME:-$HOME/.cache}/winnow/kafka-$kafka
if [ ! -e "$dir/.whole" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cat >"$work/pom.xml" <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>winnow</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$kafka</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
EOF
    rm -rf "$dir"
    mkdir -p "$dir"
    (cd "$work" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir") >&2
    : >"$dir/.whole"
fi
printf '%s\n' "$dir"
