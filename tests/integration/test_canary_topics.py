#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing leaks through Kafka: the marked records of test_canary.py through `winnow run`, with marked keys and headers on the
input; then every message of every topic that winnow writes (also of aborted transactions), its key, its headers, the log,
the state folder, what is served over HTTP, and what `ctl`, `audit` and `quarantine` print are searched in eight encodings."""
import os
import re
import sys
import urllib.error
import urllib.request

import kafka
from kafka import Site, W, await_true

import canary
import marked
from test_canary import Markers, allowed, detail, everybody_consents, freeswitch

TOPICS = ("usage.billing.call", "usage.billing.session", "usage.insight.call", "usage.insight.session",
          "winnow.quarantine", "winnow.receipts", "winnow.keys")


def records(source, raw):
    if source == "freeradius-detail":
        return [r + b"\n\n" for r in raw.split(b"\n\n") if r]
    lines = raw.splitlines(keepends=True)
    if source == "cucm-csv":  # Each message is a small file: with the names of its columns, and their types.
        return [lines[0] + lines[1] + line for line in lines[2:]]
    return lines


def marked_site(source, raw, markers, **more):
    """A site whose input holds the marked records, under a marked key and with a marked header."""
    site = Site(source=source, **more)
    text = site.config.read_text().replace("lateness: 35d", "lateness: 36500d")
    site.config.write_text('site: {country: 44, home: ["204-98"], zone: Europe/Amsterdam}\nconsent: consent.csv\n' + text)
    everybody_consents(markers, site.dir / "consent.csv")
    os.environ["KAFKA_TOOL_MARK"] = markers.text(source + ":input's key and header")
    try:
        site.tool("pack", site.topic, 0, stdin=b"".join(len(r).to_bytes(4, "big") + r for r in records(source, raw)))
    finally:
        del os.environ["KAFKA_TOOL_MARK"]
    return site


def said_by(command):
    """Run a command that may fail. @return all that it prints."""
    ran = W.winnow(*command, status=None)
    return (ran.stdout + ran.stderr).encode()


def places_of(site, found):
    """Everything that was written in topics, logs, state folders and by the commands that show it.

    @param found  what needs no marker to be wrong is added here.
    @return {name: bytes}
    """
    places = {}
    for topic in TOPICS + (f"winnow.state.{site.group}.{site.topic}",):
        for i, message in enumerate(site.dump(topic, "uncommitted")):
            places[f"{topic} value {i}"] = bytes.fromhex(message["value"] or "")
            key = bytes.fromhex(message["key"] or "")
            places[f"{topic} key {i}"] = key
            if message["headers"]:
                found.append(f"{topic}: a message has headers")
            if topic.startswith("usage.") and len(key) != 16:
                found.append(f"{topic}: a key is no pseudonym")
        places[f"{topic} (its name)"] = topic.encode()
    for log in site.processes:
        places[f"log {log.log.name}"] = log.log.read_bytes()
    for path in (p for p in site.dir.glob("state-*/**/*") if p.is_file()):
        places[str(path.relative_to(site.dir))] = path.read_bytes() + path.name.encode()
    for command in (("audit", "--config", site.config, "--public-key", site.keys / "signing.pub"),
                    ("quarantine", "list", "--config", site.config), ("quarantine", "list", "--json", "--config", site.config),
                    ("quarantine", "show", "--config", site.config, "--officer-key", f"{site.keys}.officer.key")):
        places[" ".join(map(str, command[:3]))] = said_by(command)
    return places


def served(site, process):
    """@return {name: bytes} of what is shown over HTTP, once the brokers' word is in it."""
    port = re.search(r"event=listening .*port=(\d+)", site.log(process))[1]

    def get(path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                return str(answer.headers).encode() + answer.read()
        except urllib.error.HTTPError as refused:
            return str(refused.headers).encode() + refused.read()

    await_true(lambda: b"winnow_lag_offsets{" in get("/metrics"), process=process)
    return {f"http {path}": get(path) for path in ("/", "/metrics", "/healthz", "/readyz")}


def search(places, markers):
    """@return sentences, one for each marker where the policy lets it not stand."""
    return canary.search(places, {n: v for n, v in markers.all.items() if not n.endswith("folded")}, allowed)


def leaks(source, make, policy=None):
    markers = Markers()
    found = []
    site = marked_site(source, make(markers), markers, http="{listen: 127.0.0.1:0}", policy=policy)
    process = site.start(kill_at="after-offsets")  # Leaves an aborted transaction behind.
    process.wait(timeout=kafka.PATIENCE)
    process = site.start()
    site.await_end(process)
    shown = served(site, process) | {"ctl status": site.status().encode()}
    site.stop(process)
    places = places_of(site, found) | shown
    if not any(p.startswith("usage.billing") and " value " in p for p in places) or \
            not any(p.startswith("winnow.quarantine value") for p in places):
        found.append(f"{source}: nothing passed or nothing was refused: the search means nothing")
    found += search(places, markers)
    site.close()
    return found


if __name__ == "__main__":
    scratch = W.scratch()
    try:
        findings = leaks("freeswitch-json", freeswitch) + leaks("freeradius-detail", detail)
        findings += leaks("freeradius-json", lambda m: marked.radius_json(m, "freeradius-json"))
        findings += leaks("kamailio-flatstore", marked.kamailio_cdrs)
        findings += leaks("asterisk-csv", marked.asterisk)
        findings += leaks("cucm-csv", marked.cucm)
        findings += leaks("carrier-csv", marked.carrier)
        findings += leaks("types-json", marked.types, W.make_policy(f"{scratch.name}/policy"))
    finally:
        kafka.close_broker()
    print("\n".join(findings) or "ok")
    sys.exit(1 if findings else 0)
