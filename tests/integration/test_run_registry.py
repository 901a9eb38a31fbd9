#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A schema registry: ids are asked for at a start, records go out in its wire format and can be read by who knows the ids
only; what the registry refuses is one line. The registry is one for tests (tests/support/registry.py)."""
import io
import json
import signal
import struct
import subprocess
import sys

import kafka as K
import winnow as W

from registry import Registry

USER, PASSWORD = "winnow", "s3cret-of-the-registry"


def with_registry(site, url, user=None, password=None, more=""):
    """@return a configuration with a registry."""
    login = ""
    if user:
        secret = site.dir / "registry.password"
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        login = f", user: {user}, password: {{file: {secret.name}}}"
    path = site.dir / f"winnow-registry-{len(list(site.dir.glob('*.yaml')))}.yaml"
    path.write_text(site.config.read_text() + f"registry: {{url: {url}{login}{more}}}\n")
    return path


def ids(site, kind="billing.call"):
    """@return the ids that stand before this site's records, and the records."""
    found = []
    for message in site.dump(f"usage.{kind}"):
        value = bytes.fromhex(message["value"])
        if value[0] == 0 and site.topic.encode() in value:
            found.append((struct.unpack(">I", value[1:5])[0], value[5:]))
    return found


def audit(site, config, status=0):
    return W.winnow("audit", "--config", config, "--public-key", f"{site.keys}/signing.pub", status=status)


def test_records_carry_ids():
    registry = Registry(USER, PASSWORD)
    site = K.Site()
    config = with_registry(site, registry.url + "/", USER, PASSWORD)
    assert "registry" not in W.winnow("check", "--connect", "--config", config, status=None).stderr
    assert not registry.schemas, "check alters nothing"
    site.fill(K.calls(0, 20))
    process = site.start(config=config)
    site.await_end(process)
    asked = len(registry.asked)
    site.fill(K.calls(20, 20))
    site.await_end(process)
    assert len(registry.asked) == asked, "nothing is asked for a record"
    found = ids(site)
    assert len(found) == 40 and len({number for number, _ in found}) == 1
    schema = json.loads(registry.schemas[found[0][0] - 1])
    assert schema["namespace"] == "winnow.billing" and schema["name"] == "Call"
    assert sorted(registry.subjects) == [f"usage.{p}.{t}-value" for p in ("billing", "insight") for t in ("call", "session")]
    try:
        import fastavro
        read = fastavro.schemaless_reader(io.BytesIO(found[0][1]), schema)
        assert read["origin"]["input"] == site.topic
    except ImportError:
        print("# no fastavro here: the records were not read")
    registry.close()  # It goes away: nothing stops.
    site.fill(K.calls(40, 20))
    site.await_end(process)
    process.send_signal(signal.SIGHUP)  # But a policy is not taken without it.
    K.await_true(lambda: "event=policy-refused reason=registry" in site.log(process), process=process)
    site.fill(K.calls(60, 20))
    site.await_end(process)
    site.stop(process)
    assert len(ids(site)) == 80 and PASSWORD not in site.log(process)
    audit(site, site.config)  # Who has no registry reads both.
    site.close()


def test_both_in_one_topic():
    """A registry comes after a while: what went out before is read, and audited, as it is."""
    registry = Registry()
    site = K.Site()
    site.fill(K.calls(0, 10))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    config = with_registry(site, registry.url)
    site.fill(K.calls(10, 10))
    process = site.start(config=config)
    site.await_end(process)
    site.stop(process)
    assert len(ids(site)) == 10
    audit(site, config)
    registry.close()
    site.close()


def test_what_is_refused():
    site = K.Site()
    registry = Registry(USER, PASSWORD)
    subject = "usage.billing.call-value"
    other = json.dumps({"type": "record", "name": "Call", "fields": [{"name": "x", "type": "long"}]})
    slow = Registry(slow=3)
    strange = Registry()
    strange.broken = (200, {"hello": 1})
    ill = Registry()
    ill.broken = (500, {"error_code": 50001, "message": "canary"})
    rows = [  # What is wrong; the configuration; what the line says.
        ("away", with_registry(site, "http://127.0.0.1:1"), "is it running, and may this host reach it?"),
        ("slow", with_registry(site, slow.url, more=", timeout: 1s"), "no answer in 1000 ms"),
        ("ill", with_registry(site, ill.url), "status 500; see the registry's own log"),
        ("no registry", with_registry(site, strange.url), "an answer without an id; is this a schema registry?"),
        ("no login", with_registry(site, registry.url), "we are refused; say who we are"),
        ("a wrong password", with_registry(site, registry.url, USER, "c4nary-password"), "we are refused; see registry: user"),
    ]
    wrong = []
    for name, config, words in rows:
        for command in (["run", "--config", config], ["check", "--connect", "--config", config]):
            done = subprocess.run([W.BINARY, *map(str, command)], capture_output=True, text=True, timeout=K.PATIENCE)
            said = [line for line in (done.stdout + done.stderr).splitlines() if words in line and "http://" in line]
            if done.returncode != 1 or len(said) != 1 or "canary" in done.stdout + done.stderr:
                wrong.append((name, command[0], done.returncode, done.stdout[-400:], done.stderr[-600:]))
            assert "c4nary" not in done.stdout + done.stderr and PASSWORD not in done.stdout + done.stderr
    registry.schemas.append(other)
    registry.subjects[subject] = [other]
    for more, words in ((", register: off", "is not there, and registry: register is off"), ("", "not compatible with the latest")):
        config = with_registry(site, registry.url, USER, PASSWORD, more=more)
        for command in (["run", "--config", config], ["check", "--connect", "--config", config]):
            done = subprocess.run([W.BINARY, *map(str, command)], capture_output=True, text=True, timeout=K.PATIENCE)
            if done.returncode != 1 or words not in done.stdout + done.stderr or subject not in done.stdout + done.stderr:
                wrong.append((words, command[0], done.returncode, done.stdout[-400:], done.stderr[-600:]))
    assert not wrong, "\n".join(map(str, wrong))
    for each in (registry, slow, strange, ill):
        each.close()
    site.close()


if __name__ == "__main__":
    sys.exit(K.main([test_records_carry_ids, test_both_in_one_topic, test_what_is_refused]))
