#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow audit --config`, `winnow quarantine … --config` and the topic winnow.keys, against a real broker.

What somebody with the right to write to the topics can do is done, and the audit must name it with the receipt under which
it falls; what nobody did must not be found. Each test has a broker of its own: a forged record stays in its topic for good.
"""
import contextlib
import json
import shutil
import struct
import sys
import time

import kafka
from kafka import Broker, Site, await_true, call, calls, origin_of

import canary
import winnow as W

SHORT = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}
BILLING = "usage.billing.call"


@contextlib.contextmanager
def alone(**more):
    """A site on a broker of its own."""
    server = Broker()
    try:
        site = Site(server=server, **more)
        yield site
        site.close()
    finally:
        server.close()


def key_of(site):
    return site.keys / "signing.pub"


def audit(site, *more, status=0):
    """@return findings and notes."""
    done = W.winnow("audit", "--config", site.config, "--public-key", key_of(site), "--json", *more, status=None)
    assert done.returncode == status, f"status {done.returncode}, expected {status}\n{done.stdout}\n{done.stderr}"
    said = json.loads(done.stdout)
    assert (len(said["findings"]) > 0) == (status == 1), said
    return said["findings"], said["notes"]


def put(site, topic, *values, partition=0):
    """Write messages to a topic, as anybody with the right to may."""
    site.tool("pack", topic, partition, stdin=b"".join(struct.pack(">I", len(v)) + v for v in values))


def take(site, *batches, partition=0):
    """Let a worker take records; each batch gets a receipt of its own."""
    for records in batches:
        site.fill(records, partition)
        process = site.start()
        site.await_end(process)
        site.stop(process)


def records_of(site, topic=BILLING):
    """@return the messages of a topic as (place, octets)."""
    return [(f"[{m['partition']}]@{m['offset']}", bytes.fromhex(m["value"])) for m in site.dump(topic)]


def record_at(site, offset):
    """@return the billing record that was made of the input's record at this offset."""
    return next(v for _, v in records_of(site) if origin_of(v[10:])[3] == offset)


def with_origin(value, topic, partition, offset):
    """@return the same record with another origin."""
    record_id, old, *_ = origin_of(value[10:])
    del record_id
    rest = value[10 + 16:]

    def long(number):
        number = number << 1
        octets = b""
        while number > 0x7f:
            octets += bytes([number & 0x7f | 0x80])
            number >>= 7
        return octets + bytes([number])

    _, at = kafka.read_long(rest, 0)
    at += len(old)
    for _ in range(3):
        _, at = kafka.read_long(rest, at)
    name = topic.encode()
    return value[:10 + 16] + long(len(name)) + name + long(partition) + long(offset) + long(0) + rest[at:]


def only(findings, *parts):
    """One finding, with these parts."""
    assert len(findings) == 1, findings
    for part in parts:
        assert part in findings[0], f"{part!r} is not in {findings[0]!r}"


# ---- Nothing was done ---------------------------------------------------------------------------

def untouched_topics_have_no_findings():
    """Two partitions, duplicates, quarantine, filtered records, several receipts, and one that is open."""
    with alone(partitions=2, affinity="session", receipt_records=100, commit_records=40) as site:
        for partition in (0, 1):
            records = calls(partition * 10000, 250)
            site.fill(records + records[:30] + ["{broken"] * 3 + calls(9000 + partition, 4, answer_uepoch="0"), partition)
        process = site.start()
        site.await_end(process)
        findings, notes = audit(site)  # An open receipt is in the head.
        assert notes == [], notes
        for turn in range(3):  # While it works.
            site.fill(calls(20000 + 1000 * turn, 600), turn % 2)
            audit(site)
        site.await_end(process)
        site.stop(process)
        findings, notes = audit(site)
        assert notes == [], notes
        done = W.winnow("audit", "--config", site.config, "--public-key", key_of(site))
        assert done.stdout.endswith(": no findings\n") and " in 2 chains" in done.stdout, done.stdout
        assert str(2 * 287 + 1800) + " records in" in done.stdout, done.stdout


def breaks_that_were_accepted_are_no_findings():
    """An offset set back, then the input made anew: the same offsets stand under two receipts."""
    with alone(kafka=SHORT) as site:
        take(site, calls(0, 100))
        time.sleep(2)
        site.tool("group", site.group, site.topic, 0, 40)
        process = site.start()
        await_true(lambda: f"{site.topic}[0] paused" in site.status(), process=process)
        site.ctl("accept-break", "looked at it")
        site.fill(calls(1000, 50))
        site.await_end(process)
        site.stop(process)
        audit(site)
        site.tool("remove", site.topic)
        time.sleep(0.5)
        site.tool("make", site.topic, 1)
        site.fill(calls(7000, 120))
        process = site.start()
        await_true(lambda: f"{site.topic}[0] paused" in site.status(), process=process)
        site.ctl("accept-break", "looked at it")
        site.await_end(process)
        site.stop(process)
        assert len(site.mine()[0]) == 270
        audit(site)
        put(site, BILLING, record_at(site, 110))
        only(audit(site, status=1)[0], "1 record more", "offset 110")


def what_retention_took_is_a_note():
    with alone(receipt_records=100) as site:
        take(site, calls(0, 100), calls(1000, 100))
        ends = [site.tool("ends", BILLING, p).split() for p in range(4)]
        full = next(p for p in range(4) if int(ends[p][1]) > 2)
        site.tool("trim", BILLING, full, ends[full][1])
        findings, notes = audit(site)
        assert any("aged out" in n and f"partition {full}" in n and f"receipts of {site.topic}[0] (1 to 2)" in n
                   for n in notes), notes
        put(site, BILLING, with_origin(records_of(site)[0][1], site.topic, 0, 5000), partition=full)
        only(audit(site, status=1)[0], "offset 5000 was not read yet")


# ---- Records added, altered, removed ------------------------------------------------------------

def copies_and_altered_copies_are_named():
    with alone() as site:
        take(site, calls(0, 40), calls(100, 40) + calls(9000, 1, answer_uepoch="0"), calls(200, 20))
        copied = record_at(site, 50)
        put(site, BILLING, copied, partition=3)
        place = records_of(site)[-1][0] if records_of(site)[-1][0].startswith("[3]") else "[3]@"
        findings, _ = audit(site, status=1)
        only(findings, f"{BILLING}: receipt 2 of {site.topic}[0]: 1 record more than its 40", "offset 50", place)
        # An altered copy: the last octet is not the one that it was.
        altered = bytearray(record_at(site, 10))
        altered[-1] ^= 2
        put(site, BILLING, bytes(altered), partition=0)
        findings, _ = audit(site, status=1)
        assert len(findings) == 2, findings
        assert f"receipt 1 of {site.topic}[0]: 1 record more than its 40" in findings[0] and "offset 10 " in findings[0]
        # One under a receipt, with an origin that gave no record: offset 80 was filtered.
        put(site, BILLING, with_origin(record_at(site, 90), site.topic, 0, 80))
        put(site, BILLING, record_at(site, 51))
        findings, _ = audit(site, status=1)
        assert "receipt 2" in findings[1] and "3 records more than its 40" in findings[1], findings
        assert "offset 50 " in findings[1] and "offset 51 " in findings[1], findings
        # Times: nothing was written then; or everything.
        assert audit(site, "--to", "2020-01-01T00:00:00Z")[0] == []
        assert len(audit(site, "--from", "2020-01-01T00:00:00Z", status=1)[0]) == 2


def records_of_no_receipt_are_named():
    with alone() as site:
        take(site, calls(0, 40))
        genuine = record_at(site, 7)
        put(site, BILLING, with_origin(genuine, "raw.nobody", 0, 7))
        put(site, BILLING, with_origin(genuine, site.topic, 5, 7))
        put(site, BILLING, with_origin(genuine, site.topic, 0, 4000))
        put(site, BILLING, b"not a record")
        put(site, BILLING, genuine[:30])
        put(site, BILLING, genuine[:2] + bytes(8) + genuine[10:])
        findings, _ = audit(site, status=1)
        text = "\n".join(findings)
        for sentence, n in (("comes from an input that no receipt names", 2), ("offset 4000 was not read yet", 1),
                            ("is no record in Avro's single-object encoding", 1),
                            ("is no record of this topic's schema", 1),
                            ("its schema is not its policy's", 1), ("1 record more than its 40", 1)):
            assert text.count(sentence) == n, f"{sentence}: {text}"
        assert "raw.nobody" not in text and "not a record" not in text, "it shows what a stranger wrote"
        # Many of them are counted, not listed.
        put(site, BILLING, *[b"x"] * 50)
        assert any("48 more messages" in f for f in audit(site, status=1)[0])


def removed_and_altered_records_are_found():
    """Who may delete the topic makes it anew, but for one record; then with one altered."""
    with alone() as site:
        take(site, calls(0, 40))
        values = [v for _, v in records_of(site)]

        def remake(these):
            site.tool("remove", BILLING)
            time.sleep(0.5)
            site.tool("make", BILLING, 4)
            put(site, BILLING, *these)

        remake(values[1:])
        only(audit(site, status=1)[0], f"receipt 1 of {site.topic}[0]: 1 record fewer than its 40", "offsets 0 and 39")
        altered = bytearray(values[0])
        altered[-1] ^= 2
        remake([bytes(altered)] + values[1:])
        only(audit(site, status=1)[0], f"receipt 1 of {site.topic}[0]: as many records as it says (40), but not the same")
        remake(values)
        audit(site)


def purposes_without_origin_are_compared_as_a_whole():
    folder = kafka.tempfile.mkdtemp(prefix="winnow-policy-")
    policy = W.make_policy(folder + "/policy", basis="contract")
    with alone(policy=policy) as site:
        take(site, calls(0, 60), calls(100, 60))
        audit(site)
        topic = "usage.insight.call"
        genuine = records_of(site, topic)[0][1]
        put(site, topic, genuine)
        only(audit(site, status=1)[0], f"{topic}: 1 record more than the 120 of all receipts")
        site.tool("remove", topic)
        time.sleep(0.5)
        site.tool("make", topic, 4)
        put(site, topic, *[genuine] * 120)
        only(audit(site, status=1)[0], f"{topic}: as many records as all receipts say (120), but not the same")
        site.tool("remove", topic)
        time.sleep(0.5)
        site.tool("make", topic, 4)
        only(audit(site, status=1)[0], f"{topic}: 120 records fewer than the 120 of all receipts")
    shutil.rmtree(folder)


# ---- Receipts -----------------------------------------------------------------------------------

def forged_and_repeated_receipts_are_named():
    with alone() as site:
        take(site, calls(0, 40), calls(100, 40))
        genuine = [t for _, t in site.receipts()[(site.topic, 0)]]
        forged = genuine[1].replace(b'"receipt":2', b'"receipt":3').replace(b'"last_offset":79', b'"last_offset":99')
        put(site, "winnow.receipts", b"no receipt", forged, genuine[0])
        findings, _ = audit(site, status=1)
        assert len(findings) == 3 and all(f.startswith("winnow.receipts[0]@") for f in findings), findings
        assert all("somebody else wrote it" in f for f in findings), findings
        assert "stands again" in findings[2], findings
        take(site, calls(200, 40))  # The worker goes on behind its own.
        assert audit(site, status=1)[0] == findings


def removed_receipts_are_missing():
    with alone() as site:
        take(site, calls(0, 40), calls(100, 40), calls(200, 40))
        genuine = [t for _, t in site.receipts()[(site.topic, 0)]]
        site.tool("remove", "winnow.receipts")
        time.sleep(0.5)
        site.tool("make", "winnow.receipts", 1)
        put(site, "winnow.receipts", genuine[0], genuine[2])
        text = "\n".join(audit(site, status=1)[0])
        assert "receipt 3: receipts 2 to 2 of this chain are missing" in text, text
        assert text.count("no receipt accounts for this record") == 5 and "35 more messages" in text, text
        site.tool("remove", "winnow.receipts")
        time.sleep(0.5)
        site.tool("make", "winnow.receipts", 1)
        put(site, "winnow.receipts", *genuine[:2])
        text = "\n".join(audit(site, status=1)[0])
        assert "the head names receipt 3" in text and "receipts are missing" in text, text


def another_key_fits_no_receipt():
    with alone() as site:
        take(site, calls(0, 10))
        other = W.make_keys(site.dir)
        done = W.winnow("audit", "--config", site.config, "--public-key", other / "signing.pub", status=1)
        assert "signature" in done.stdout, done.stdout


# ---- Quarantine ---------------------------------------------------------------------------------

def quarantine(site, verb, *more, status=0):
    return W.winnow("quarantine", verb, "--config", site.config, *more, status=status)


def rows(site):
    """@return {reason: row} of `list`."""
    found = [json.loads(line) for line in quarantine(site, "list", "--json").stdout.splitlines()]
    return {row["reason"]: row for row in found}


def quarantine_is_listed_shown_and_dropped():
    with alone(partitions=2, affinity="session") as site:
        officer = str(site.keys) + ".officer.key"
        large = '{"answer": "' + "seven" * 140000
        site.fill(["{broken 0123"] * 3 + calls(0, 10) + [large], 0)
        site.fill(calls(100, 5) + ["{broken 4567", call(50, billsec="x")], 1)
        process = site.start()
        site.await_end(process)
        site.stop(process)
        found = rows(site)
        assert found["record-cut"]["records"] == 5, found
        assert found["bad-integer"]["records"] == 1, found
        first = found["record-cut"]["first"]
        assert first == {"input": f"{site.topic}[0]", "offset": 0}, first
        shown = quarantine(site, "show", "--officer-key", officer)
        assert "broken" not in shown.stdout and "aaaaaa 9999" in shown.stdout, shown.stdout[:500]
        assert f"--- {site.topic}[1] offset 5  freeswitch-json  record-cut" in shown.stdout
        shown = quarantine(site, "show", "--officer-key", officer, "--show-values")
        assert large in shown.stdout, "the pieces are not joined"
        assert "{broken 4567" in shown.stdout and "6 shown, 0 dropped" in shown.stderr, shown.stderr
        audit(site)
        # An unsigned drop counts for nothing.
        quarantine(site, "drop", "--reason", "no-such-reason", status=2)
        done = quarantine(site, "drop", "--reason", "record-cut", "--source", "other")
        assert done.stdout.startswith("0 records"), done.stdout
        done = quarantine(site, "drop", "--reason", "record-cut", "--source", "freeswitch-json")
        n = found["record-cut"]["records"]
        assert done.stdout.startswith(f"{n} records marked"), done.stdout
        assert rows(site)["record-cut"]["dropped"] == n and rows(site)["bad-integer"]["dropped"] == 0
        shown = quarantine(site, "show", "--officer-key", officer, "--show-values")
        assert "{broken" not in shown.stdout and f"{n} dropped" in shown.stderr, shown.stderr
        assert quarantine(site, "drop", "--reason", "record-cut").stdout.startswith("0 records")
        site.fill(["{broken again"], 0)
        process = site.start()
        site.await_end(process)
        site.stop(process)
        assert rows(site)["record-cut"]["dropped"] == n and rows(site)["record-cut"]["records"] == n + 1
        assert quarantine(site, "drop", "--reason", "record-cut").stdout.startswith("1 records")
        audit(site)
        # Somebody else's envelopes and drops.
        drops = [m for m in site.dump("winnow.receipts") if b'"drop"' in bytes.fromhex(m["value"])]
        assert drops and all(bytes.fromhex(m["key"]).startswith(b"winnow.quarantine:") for m in drops), drops
        put(site, "winnow.quarantine", b"no envelope", bytes.fromhex(site.dump("winnow.quarantine")[0]["value"]))
        assert "1 messages are no envelopes" in quarantine(site, "list").stderr
        text = "\n".join(audit(site, status=1)[0])
        assert "winnow.quarantine[0]@" in text and "1 record more than" in text, text


def quarantine_needs_one_place():
    with alone() as site:
        W.winnow("quarantine", "list", status=2)
        W.winnow("quarantine", "list", "--config", site.config, site.dir, status=2)
        W.winnow("quarantine", "show", "--config", site.config, status=2)
        W.winnow("audit", "--config", site.config, status=2)
        W.winnow("audit", site.dir, "--public-key", key_of(site), "--from", "2026-01-01T00:00:00Z", status=2)
        W.winnow("audit", "--config", site.config, "--public-key", key_of(site), "--from", "yesterday", status=2)
        done = W.winnow("quarantine", "list", "--config", site.config)
        assert done.stdout == "nothing was refused\n", done.stdout
        audit(site)  # Nothing was ever read: nothing to find.


# ---- The register -------------------------------------------------------------------------------

def refused_start(site, *parts):
    process = site.start()
    assert process.wait(timeout=kafka.PATIENCE) == 1, site.log(process)
    for part in parts:
        assert part in site.log(process), f"{part!r} is not in {site.log(process)}"


def register_that_was_rolled_back_does_not_start():
    with alone() as site:
        take(site, calls(0, 10))
        entries = {bytes.fromhex(m["key"]): bytes.fromhex(m["value"]) for m in site.dump("winnow.keys")}
        register = site.keys.with_name("keys.register")
        lines = register.read_bytes().splitlines()
        assert [entries[str(n).encode()] for n in range(1, len(lines) + 1)] == lines, "the topic is not the register"
        old, old_register = site.dir / "old-keys", register.read_bytes()
        shutil.copytree(site.keys, old)
        W.winnow("keys", "destroy", "insight", "2026-01", "--yes", "--keys", site.keys)
        take(site, calls(100, 10))
        assert len(site.dump("winnow.keys")) == len(lines) + 1, "an entry more, and no other again"
        take(site, calls(200, 10))
        assert len(site.dump("winnow.keys")) == len(lines) + 1
        newest = register.read_bytes()
        shutil.rmtree(site.keys)
        shutil.copytree(old, site.keys)
        register.write_bytes(old_register)
        site.fill(calls(300, 10))
        refused_start(site, f"has entry {len(lines) + 1}, our register ends with entry {len(lines)}", "register")
        register.write_bytes(newest)
        process = site.start()
        site.await_end(process)
        site.stop(process)


def keys_of_another_host_do_not_start():
    with alone() as site:
        take(site, calls(0, 10))
        other = W.make_keys(site.dir)
        config = site.dir / "other.yaml"
        config.write_text(site.config.read_text().replace(str(site.keys), str(other)))
        process = site.start(config)
        assert process.wait(timeout=kafka.PATIENCE) == 1
        assert "winnow.keys[0]@" in site.log(process) and "is not that of our register" in site.log(process), site.log(process)
        # What somebody else wrote over an entry stops the next start, and is named.
        site.tool("remove", "winnow.keys")
        time.sleep(0.5)
        refused_start(site, "winnow topics create")
        W.winnow("topics", "create", "--config", site.config)
        take(site, calls(100, 10))
        audit(site)


# ---- Nothing leaks ------------------------------------------------------------------------------

def no_command_says_a_value():
    """Markers in billed, broken and forged records are in no output of audit, quarantine and run."""
    markers = {"called": "447700900777", "calling": "447700900888", "account": "acct-canary-5511",
               "uuid": "5d0a0b2e-0000-4000-8000-0000c0ffee01", "broken": "447700900999", "name": "Cornelis Kanarie",
               "stranger": "raw.canary-447700900666"}
    with alone() as site:
        record = call(1, accountcode=markers["account"], uuid=markers["uuid"], caller_name=markers["name"])
        record = record.replace("447700900201", markers["called"]).replace("447700900001", markers["calling"])
        site.fill([record, '{"caller":"' + markers["broken"] + '", oh', call(2, billsec=markers["broken"] + "x")])
        process = site.start()
        site.await_end(process)
        site.stop(process)
        genuine = records_of(site)[0][1]
        put(site, BILLING, genuine, with_origin(genuine, markers["stranger"], 0, 1), markers["called"].encode())
        put(site, "winnow.receipts", ('{"receipt":"' + markers["calling"] + '"}').encode())
        put(site, "winnow.quarantine", markers["name"].encode(), genuine)
        places = {}
        for name, args in {"audit": ("audit", "--public-key", key_of(site)), "list": ("quarantine", "list"),
                           "audit --json": ("audit", "--public-key", key_of(site), "--json"),
                           "show": ("quarantine", "show", "--officer-key", str(site.keys) + ".officer.key"),
                           "drop": ("quarantine", "drop", "--reason", "record-cut")}.items():
            done = W.winnow(*args, "--config", site.config, status=None, text=False)
            assert done.returncode in (0, 1) and done.stdout, (name, done)
            places[name], places[name + " (stderr)"] = done.stdout, done.stderr
        process = site.start()
        site.fill(calls(5, 1))
        site.await_end(process)
        site.stop(process)
        places["log"] = site.log(process).encode()
        for message in site.dump("winnow.keys"):
            places[f"winnow.keys {message['offset']}"] = bytes.fromhex(message["value"])
        found = canary.search(places, markers)
        assert not found, found
        shown = quarantine(site, "show", "--officer-key", str(site.keys) + ".officer.key", "--show-values", status=None)
        assert canary.search({"show --show-values": shown.stdout.encode()}, markers), "the search finds nothing"


if __name__ == "__main__":
    sys.exit(kafka.main([
        untouched_topics_have_no_findings, breaks_that_were_accepted_are_no_findings, what_retention_took_is_a_note,
        copies_and_altered_copies_are_named, records_of_no_receipt_are_named, removed_and_altered_records_are_found,
        purposes_without_origin_are_compared_as_a_whole, forged_and_repeated_receipts_are_named,
        removed_receipts_are_missing, another_key_fits_no_receipt, quarantine_is_listed_shown_and_dropped,
        quarantine_needs_one_place, register_that_was_rolled_back_does_not_start, keys_of_another_host_do_not_start,
        no_command_says_a_value]))
