#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A consumer for billing, to start from: usage records and receipts into SQLite, each record once, and what is missing.

    consume.py load   --brokers HOST:PORT --db F --schemas DIR…   read what is there (--follow: go on reading)
    consume.py report --db F                                      gaps; exit status 1 where there are any

What it does is what every loader of a billing system should do (docs/billing.md):
- it reads with isolation.level=read_committed;
- it loads by record_id, and keeps its offsets in the same database transaction as the records;
- it reads receipts before records, so that what a receipt counts is there when it is looked for;
- it stops at a schema that it does not know; it never passes a record over.

Needs confluent-kafka and fastavro (PyPI). Signatures are for `winnow audit` to check.
"""
import argparse
import hashlib
import io
import json
import pathlib
import sqlite3
import sys

USAGE = ["usage.billing.call", "usage.billing.session"]
RECEIPTS = "winnow.receipts"
PURPOSE = "billing"
TABLES = """
create table if not exists usage(record_id text primary key, type text, input text, partition int, offset int, idx int,
                                 key_id text, subscriber text, start_ms int, record text);
create index if not exists usage_origin on usage(input, partition, offset);
create table if not exists receipts(input text, partition int, number int, first int, last int, out int, event text,
                                    previous text, sha256 text, receipt text, primary key(input, partition, number));
create table if not exists offsets(topic text, partition int, next int, primary key(topic, partition));
"""


def schemas_by_fingerprint(folders):
    """@return {the eight octets behind C3 01: schema}: all versions that were ever in use, from files *.avsc."""
    from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form
    found = {}
    for path in (p for folder in folders for p in sorted(pathlib.Path(folder).glob("*.avsc"))):
        raw = json.loads(path.read_text())
        mark = fingerprint(to_parsing_canonical_form(raw), "CRC-64-AVRO")  # Hex, little-endian.
        found[bytes.fromhex(mark)] = parse_schema(raw, named_schemas={})
    return found


def plain(value):
    """@return the value as JSON takes it: octets as hex."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.hex() if isinstance(value, bytes) else value


def load_usage(db, schemas, message):
    """Insert a record, unless its record_id is there: a record is the same event however often it is read."""
    from fastavro import schemaless_reader
    value = message.value()
    schema = schemas.get(value[2:10]) if value[:2] == b"\xc3\x01" else None
    if not schema:
        raise SystemExit(f"{message.topic()}[{message.partition()}]@{message.offset()}: a schema that is in none of the folders "
                         "of --schemas: fetch it with 'winnow schema billing TYPE', then load again")
    record = plain(schemaless_reader(io.BytesIO(value[10:]), schema))
    origin = record["origin"]
    db.execute("insert or ignore into usage values (?,?,?,?,?,?,?,?,?,?)",
               (record["record_id"], message.topic().rsplit(".", 1)[1], origin["input"], origin["partition"], origin["offset"],
                origin["index"], record["key_id"], record["subscriber"], record["start"], json.dumps(record)))


def load_receipt(db, message):
    """Keep a receipt: of one offset range of an input partition, or of an event (a break, a replay)."""
    text = message.value()
    receipt = json.loads(text)
    first = receipt["inputs"][0]
    event = receipt.get("event") or {}
    db.execute("insert or ignore into receipts values (?,?,?,?,?,?,?,?,?,?)",
               (first["topic"], first["partition"], receipt["receipt"], first["first_offset"],
                max(entry["last_offset"] for entry in receipt["inputs"]),
                receipt.get("purposes", {}).get(PURPOSE, {}).get("out", 0), event.get("kind"), receipt.get("previous"),
                hashlib.sha256(text).hexdigest(), text.decode()))


def read_to_end(consumer, db, topics, take, batch=5000):
    """Read the topics from where the database stands to their end, in database transactions of their own."""
    from confluent_kafka import KafkaError, KafkaException, TopicPartition
    kept = {(t, p): n for t, p, n in db.execute("select topic, partition, next from offsets")}
    places = []
    for topic in topics:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            low, _ = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            begin = kept.get((topic, partition), low)
            if begin < low:
                raise SystemExit(f"{topic}[{partition}]: offsets {begin} to {low - 1} are gone unread: retention was shorter than "
                                 "the pause of this loader. Load them from the ledger or reprocess; see docs/billing.md")
            places.append(TopicPartition(topic, partition, begin))
    consumer.assign(places)
    waiting = {(p.topic, p.partition) for p in places}
    while waiting:
        for message in consumer.consume(batch, timeout=1.0):
            place = message.topic(), message.partition()
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
                waiting.discard(place)
                # Markers of transactions take offsets, too: what is behind the last record is done.
                following = message.offset()
            else:
                take(message)
                following = message.offset() + 1
            db.execute("insert or replace into offsets values (?,?,?)", (*place, following))
        db.commit()  # Records and offsets together: a crash loses neither, and doubles nothing.
    consumer.unassign()


def load(options):
    import fastavro
    from confluent_kafka import Consumer
    fastavro.read.LOGICAL_READERS.clear()  # Times stay what they are in the record: UTC milliseconds.
    settings = dict(pair.split("=", 1) for pair in options.property)
    consumer = Consumer({
        **settings,
        "bootstrap.servers": options.brokers,
        "group.id": options.group,
        "isolation.level": "read_committed",  # With any other, records of aborted transactions are billed.
        "enable.auto.commit": False,          # The database knows the offsets.
        "auto.offset.reset": "error",         # What is gone is said, not skipped.
        "enable.partition.eof": True,
    })
    schemas = schemas_by_fingerprint(options.schemas)
    with sqlite3.connect(options.db) as db:
        db.executescript(TABLES)
        while True:
            read_to_end(consumer, db, [RECEIPTS], lambda message: load_receipt(db, message))
            read_to_end(consumer, db, options.topic or USAGE, lambda message: load_usage(db, schemas, message))
            if not options.follow:
                break
    consumer.close()
    return 0


def gaps_of(db, place):
    """@return what is wrong with one input partition, in sentences, and what it adds up to."""
    rows = db.execute("select number, first, last, out, event, previous, sha256, receipt from receipts "
                      "where input = ? and partition = ? order by number", place).fetchall()
    gaps, said, previous, covered = [], 0, None, None
    for number, first, last, out, event, before, sha256, text in rows:
        receipt = json.loads(text)
        said += out
        if previous and (number != previous[0] + 1 or before != previous[1]):
            gaps.append(f"receipt {number} does not follow receipt {previous[0]}: receipts are missing")
        previous = number, sha256
        if event == "break":
            gaps.append(f"receipt {number}: offsets {first} to {last} were passed over at a break: "
                        f"{receipt['event'].get('reason')}")
        elif not event and covered is not None and first != covered + 1:
            gaps.append(f"receipt {number}: begins at offset {first}, the one before ends at {covered}")
        if event != "replay":
            covered = last
        withheld = receipt.get("purposes", {}).get(PURPOSE, {}).get("withheld", {})
        gaps += [f"receipt {number}: {n} records are withheld from billing: {reason}" for reason, n in withheld.items()]
        gaps += [f"receipt {number}: the switch {node['node']!r} has written records that never came: {node['missing']}"
                 for node in receipt.get("nodes", []) if node.get("missing")]
    loaded, = db.execute("select count(*) from usage where input = ? and partition = ? and offset <= ?",
                         (*place, covered)).fetchone()
    tail, = db.execute("select count(*) from usage where input = ? and partition = ? and offset > ?",
                       (*place, covered)).fetchone()
    if loaded != said:
        gaps.append(f"up to offset {covered} the receipts say {said} records, {loaded} are loaded")
    return gaps, {"receipts": len(rows), "up_to": covered, "records": loaded, "without_receipt_yet": tail}


def report(options):
    """Print for each input partition what is loaded, what no receipt accounts for yet, and the gaps."""
    with sqlite3.connect(options.db) as db:
        places = db.execute("select distinct input, partition from receipts order by 1, 2").fetchall()
        found = False
        for place in places:
            gaps, sums = gaps_of(db, place)
            print(json.dumps({"input": place[0], "partition": place[1], **sums, "gaps": gaps}))
            found = found or bool(gaps)
    return 1 if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    loader = commands.add_parser("load")
    loader.add_argument("--brokers", required=True)
    loader.add_argument("--schemas", required=True, nargs="+", help="folders of derived schemas, of every version in use")
    loader.add_argument("--group", default="billing-loader", help="for the brokers' rights and logs; offsets are in the database")
    loader.add_argument("--topic", action="append", help="in place of " + " and ".join(USAGE))
    loader.add_argument("--property", action="append", default=[], help="NAME=VALUE of librdkafka, as ssl.ca.location=…")
    loader.add_argument("--follow", action="store_true", help="go on reading")
    for command in (loader, commands.add_parser("report")):
        command.add_argument("--db", required=True)
    options = parser.parse_args()
    return load(options) if options.command == "load" else report(options)


if __name__ == "__main__":
    sys.exit(main())
