#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow check --connect`: right after `topics create` nothing is found; then each setting is made wrong on a real
broker, and each is found, with what is wanted and the command that puts it right."""
import json
import sys

import kafka as K
import winnow as W

WEEK = 7 * 86400000

# Of which topic, setting, what it is made, fault?, what is wanted.
SETTINGS = [
    ("raw", "retention.ms", WEEK, False, f"{2 * WEEK} or more"),
    ("raw", "retention.ms", -1, False, f"{2 * WEEK} or less"),
    ("raw", "retention.bytes", 1 << 30, False, "-1"),
    ("raw", "cleanup.policy", "compact", True, "delete"),
    ("raw", "unclean.leader.election.enable", "true", True, "false"),
    ("usage.billing.call", "retention.ms", WEEK - 1, False, f"{WEEK} or more"),
    ("usage.billing.call", "retention.ms", WEEK + 1, False, f"{WEEK} or less"),
    ("usage.billing.call", "retention.bytes", 1 << 30, False, "-1"),
    ("usage.billing.call", "cleanup.policy", "compact", True, "delete"),
    ("usage.billing.call", "max.message.bytes", 1048587, True, "1048588 or more"),
    ("usage.billing.call", "message.timestamp.type", "LogAppendTime", False, "CreateTime"),
    ("usage.billing.call", "min.insync.replicas", 2, True, "1 or less"),
    ("usage.insight.call", "message.timestamp.type", "LogAppendTime", True, "CreateTime"),
    ("usage.insight.call", "message.timestamp.before.max.ms", 3600000, True, "7200000 or more"),
    ("usage.insight.session", "cleanup.policy", "compact", True, "delete"),
    ("winnow.quarantine", "retention.ms", WEEK, True, f"{2 * WEEK} or more"),
    ("winnow.quarantine", "retention.ms", -1, False, f"{2 * WEEK} or less"),
    ("winnow.quarantine", "retention.bytes", 1 << 30, True, "-1"),
    ("winnow.quarantine", "cleanup.policy", "compact", True, "delete"),
    ("winnow.quarantine", "message.timestamp.type", "LogAppendTime", False, "CreateTime"),
    ("winnow.receipts", "retention.ms", WEEK, True, "-1"),
    ("winnow.receipts", "retention.bytes", 1 << 30, True, "-1"),
    ("winnow.receipts", "cleanup.policy", "compact", True, "delete"),
    ("winnow.receipts", "unclean.leader.election.enable", "true", True, "false"),
    ("winnow.keys", "cleanup.policy", "delete", True, "compact"),
    ("winnow.keys", "max.message.bytes", 1000, True, "1048588 or more"),
    ("state", "cleanup.policy", "compact", True, "delete"),
    ("state", "retention.ms", 43 * 86400000 - 1, True, f"{43 * 86400000} or more"),
    ("state", "retention.bytes", 1 << 30, True, "-1"),
    ("state", "segment.ms", WEEK, False, "86400000 or less"),
    ("state", "max.message.bytes", 1048587, True, "1048588 or more"),
]


def look(site, status):
    """@return what was found: {(where, setting): finding}; each once."""
    done = W.winnow("check", "--connect", "--json", "--config", site.config, status=status)
    report = json.loads(done.stdout)
    findings = report["brokers"]["findings"]
    found = {(f["where"], f["setting"]): f for f in findings}
    assert len(found) == len(findings), findings
    assert report["faults"] == [], report["faults"]
    return found


def made(**more):
    """@return a site all of whose topics winnow made."""
    site = K.Site(make=False, **more)
    W.winnow("topics", "create", "--config", site.config, "--partitions", 1)
    return site


def test_what_create_makes_is_what_check_expects():
    site = made()
    assert look(site, 0) == {}
    text = W.winnow("check", "--connect", "--config", site.config, status=0).stdout
    assert "brokers: 9 topics and 1 broker are compared with what `winnow run` needs\n\n" in text, text[:800]
    assert "\n0 faults, " in text, text[-200:]
    site.close()


def test_each_setting():
    site = made()
    names = {"raw": site.topic, "state": f"winnow.state.{site.group}.{site.topic}"}
    wrong = []
    for topic, setting, value, fault, wanted in SETTINGS:
        name = names.get(topic, topic)
        site.tool("alter", name, f"{setting}={value}")
        found = look(site, 1 if fault else 0)
        remedy = f"--entity-type topics --entity-name {name} --alter --add-config {setting}="
        row = found.get((name, setting), {})
        if not (len(found) == 1 and row.get("fault") == fault and row.get("found") == str(value) and
                row.get("wanted") == wanted and remedy in row.get("remedy", "") and
                f"--bootstrap-server {site.server.address} " in row["remedy"]):
            wrong.append((topic, setting, value, found))
        else:  # The remedy's value puts it right.
            site.tool("alter", name, f"{setting}={row['remedy'].rsplit('=', 1)[1]}")
            if look(site, 0):
                wrong.append((topic, setting, "still, after its remedy"))
    assert not wrong, wrong
    assert look(site, 0) == {}
    site.close()


def test_partitions():
    site = made()
    state = f"winnow.state.{site.group}.{site.topic}"
    site.tool("grow", site.topic, 3)
    found = look(site, 1)
    assert set(found) == {(site.topic, "partitions"), (state, "partitions")}, found
    assert "affinity is none" in found[site.topic, "partitions"]["why"]
    assert found[state, "partitions"]["wanted"] == "3" and f"--alter --topic {state} --partitions 3;" in found[state, "partitions"]["remedy"]
    site.tool("grow", state, 3)
    assert set(look(site, 1)) == {(site.topic, "partitions")}
    site.inputs[0]["affinity"] = "session"
    site.write_config("a")
    assert look(site, 0) == {}
    site.tool("grow", state, 4)
    found = look(site, 1)
    assert set(found) == {(state, "partitions")} and "begin a new group" in found[state, "partitions"]["remedy"], found
    site.close()
    site = made()
    site.tool("grow", "usage.billing.session", 13)
    found = look(site, 0)
    assert set(found) == {("usage.billing.session", "partitions")} and not found["usage.billing.session", "partitions"]["fault"], found
    site.close()


def test_brokers_set_up_wrong():
    server = K.Broker("transaction.max.timeout.ms=5000", "transactional.id.expiration.ms=3600000",
                      "unclean.leader.election.enable=true", "offsets.retention.minutes=60",
                      "group.max.session.timeout.ms=5000", "auto.create.topics.enable=true")
    try:
        site = K.Site(make=False, server=server)
        found = look(site, 1)
        topics = {where for where, setting in found if setting == "topic"}
        assert len(topics) == 9 and site.topic in topics, found
        out = W.winnow("topics", "create", "--config", site.config, "--partitions", 1).stdout
        assert out.count(" made\n") == 9, f"looking made a topic: {out}"
        brokers = {setting: (f["fault"], f["found"], f["wanted"]) for (where, setting), f in look(site, 1).items()
                   if where == "broker 1"}
        assert brokers == {
            "transaction.max.timeout.ms": (True, "5000", "10000 or more"),
            "transactional.id.expiration.ms": (False, "3600000", f"{WEEK} or more"),
            "unclean.leader.election.enable": (True, "true", "false"),
            "offsets.retention.minutes": (False, "60", "10080 or more"),
            "group.max.session.timeout.ms": (True, "5000", "6000 or more"),
        }, brokers
        site.kafka["session.timeout.ms"] = 600
        site.write_config("a")
        assert look(site, 1)["broker 1", "group.min.session.timeout.ms"]["wanted"] == "600 or less"
        site.close()
    finally:
        server.close()


def test_a_broker_that_is_away():
    site = K.Site(make=False)
    config = site.config.read_text().replace(site.server.address, f"127.0.0.1:{K.free_port()}")
    site.config.write_text(config)
    done = W.winnow("check", "--connect", "--config", site.config, status=1)
    lines = [line for line in done.stdout.splitlines() if "no broker answered" in line]
    assert len(lines) == 1 and not done.stderr, done.stdout[:600] + done.stderr
    assert "is it running, and may this host reach it?" in lines[0] and "1 fault, " in done.stdout, lines
    report = json.loads(W.winnow("check", "--connect", "--json", "--config", site.config, status=1).stdout)
    assert report["brokers"] is None and len(report["faults"]) == 1, report["faults"]
    site.close()


def test_what_it_can_not_ask():
    done = W.winnow("check", "--connect", status=2)
    assert "--connect needs --config F" in done.stderr, done.stderr
    site = K.Site(make=False)
    text = site.config.read_text()
    site.config.write_text(text[:text.index("inputs:")])
    done = W.winnow("check", "--connect", "--config", site.config, status=2)
    assert "the brokers were not asked: no inputs are named" in done.stdout, done.stdout[:500]
    site.config.write_text(text.replace("freeswitch-json", "no-such-source"))
    done = W.winnow("check", "--connect", "--config", site.config, status=2)
    assert "the brokers were not asked: mend the other faults first" in done.stdout, done.stdout[:500]
    site.close()


if __name__ == "__main__":
    sys.exit(K.main([
        test_what_create_makes_is_what_check_expects, test_each_setting, test_partitions, test_brokers_set_up_wrong,
        test_a_broker_that_is_away, test_what_it_can_not_ask,
    ]))
