#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rights that `winnow topics create --print-acls` prints, on a broker with an authorizer: with exactly these `winnow run`
works; with one fewer, each in turn, it says which one is wanting."""
import json
import shlex
import signal
import sys
import time

import kafka as K
import winnow as W

import acls
import secured

USER, PASSWORD = "winnow", "for-tests-only"


def with_rights():
    """@return a broker that knows one user; who comes by its other door may do anything."""
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    door = {"protocol": "SASL_PLAINTEXT", "sasl.enabled.mechanisms": "PLAIN",
            "plain.sasl.jaas.config": f"{login} user_{USER}=\"{PASSWORD}\" ;"}
    server = secured.broker({"sec": door},
                            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                            "super.users=User:ANONYMOUS")
    server.door = server.doors["sec"]
    return server


def secured_site(server, password=PASSWORD):
    """@return a site whose topics are there, and whose run comes by the door of the user."""
    site = K.Site(make=False, server=server)
    W.winnow("topics", "create", "--config", site.config, "--partitions", 1)
    site.config = secured.behind(site, server.door, {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                                                     "sasl.username": USER, "sasl.password": password})
    return site


def printed(site, besides=None):
    """@return the rights that are printed: (principal, type, name, operation), in order; what is behind # left out, or that
    alone which stands under a remark with these words."""
    out = W.winnow("topics", "create", "--print-acls", "--config", site.config).stdout
    assert PASSWORD not in out
    lines = out.splitlines()
    if besides:
        first = next(i for i, line in enumerate(lines) if besides in line) + 1
        last = next((i for i in range(first, len(lines)) if lines[i].startswith("# ")), len(lines))
        lines = [line.removeprefix("#") for line in lines[first:last]]
    rights = []
    for line in lines:
        words = shlex.split(line, comments=True)
        if not words:
            continue
        assert words[:4] == ["kafka-acls.sh", "--bootstrap-server", site.server.door, "--add"], line
        options = list(zip(words[4::2], words[5::2]))
        principal, = (value for name, value in options if name == "--allow-principal")
        (kind, name), = ((n[2:], value) for n, value in options if n in ("--topic", "--group", "--transactional-id"))
        rights += [(principal, kind, name, value) for n, value in options if n == "--operation"]
    return rights


def use(site, first):
    """Records that pass, and one that is refused."""
    site.fill(K.calls(first, 20))
    site.fill(["{broken"])


def test_exactly_these():
    site = secured_site(server)
    rights = printed(site)
    assert {r[0] for r in rights} == {f"User:{USER}"} and len(rights) == len(set(rights)) == 15, rights
    acls.grant(server.address, *rights)
    use(site, 0)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(20, quarantined=1)
    process = site.start()  # Again, upon what is there: it reads state, receipts and register.
    use(site, 20)
    site.await_end(process)
    site.stop(process)
    site.check(40, quarantined=2)
    W.winnow("check", "--connect", "--config", site.config)
    create = (f"User:{USER}", "cluster", "kafka-cluster", "Create")
    assert "rights" in W.winnow("topics", "create", "--config", site.config, status=1).stderr
    acls.grant(server.address, create)
    W.winnow("topics", "create", "--config", site.config)
    acls.withdraw(server.address, create)
    acls.withdraw(server.address, *rights)
    site.close()


def names_it(site, process, right):
    """Let it work until it ends, or says that it can't go on; once all is committed it is told to stop, which closes its
    receipts. @return whether a line names the right's resource and says that it is not granted."""
    _, _, name, _ = right
    until, told = time.time() + 40, False
    while time.time() < until:
        ended = process.poll() is not None
        if any(name in line and ("authoriz" in line.lower() or "grant" in line) for line in site.log(process).splitlines()):
            return True
        if ended:
            break
        if not told and site.committed() == site.end():
            process.send_signal(signal.SIGTERM)
            told = True
        time.sleep(0.1)
    return False


def moment_of(right, site, number):
    """Bring about what the right is needed for. @return the site whose run will need it."""
    _, kind, name, operation = right
    if (name, operation) == ("winnow.receipts", "Read"):  # A partition that nothing was ever done of.
        site = secured_site(server)
        acls.grant(server.address, *(r for r in printed(site) if r != right))
    if name == "winnow.keys" or name.endswith("-keys"):  # New entries of the register.
        month = f"{2031 + number}-01"
        W.winnow("keys", "ensure", "--policy", W.SOURCE / "schemas", "--keys", server.keys, "--from", month, "--to", month)
    use(site, 20 * number)
    return site


def test_one_fewer():
    site = secured_site(server)
    rights = printed(site)
    acls.grant(server.address, *rights)
    use(site, 0)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    silent, expected = [], 20
    for number, right in enumerate(rights, 1):
        acls.withdraw(server.address, right)
        needy = moment_of(right, site, number)
        expected += 20 if needy is site else 0
        process = needy.start()
        if not names_it(needy, process, right):
            silent.append((right, process.poll(), needy.log(process)[-1500:]))
        if process.poll() is None:
            process.kill()
        process.wait()
        acls.grant(server.address, right)
    assert not silent, "\n".join(f"{right}: status {status}\n{log}" for right, status, log in silent)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(expected, quarantined=expected // 20)
    acls.withdraw(server.address, *rights)
    site.close()


def test_audit_and_quarantine():
    """They read what `run` only writes: with the rights printed for them they work, with one fewer they name it."""
    site = secured_site(server)
    rights = printed(site)
    more, drop = printed(site, "`winnow audit`"), printed(site, "`winnow quarantine drop`")
    assert len(more) == 5 and len(drop) == 1, (more, drop)
    acls.grant(server.address, *rights, *more)
    use(site, 0)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    audit = ("audit", "--config", site.config, "--public-key", f"{server.keys}/signing.pub")
    listing = ("quarantine", "list", "--config", site.config)
    W.winnow(*audit)
    listed = W.winnow(*listing).stdout
    assert "record-cut" in listed, listed
    needed = [right for right in more if right[2] in ("usage.billing.call", "winnow.quarantine")]
    assert len(needed) == 2, "the outputs that the receipts name"
    for right in needed:
        acls.withdraw(server.address, right)
        said = W.winnow(*audit, status=1).stderr
        assert right[2] in said and "rights" in said, (right, said)
        acls.grant(server.address, right)
    throw = ("quarantine", "drop", "--config", site.config, "--reason", "record-cut")
    acls.grant(server.address, *drop)
    W.winnow(*throw)
    acls.withdraw(server.address, *drop)
    assert f"{site.group}-drop" in W.winnow(*throw, status=1).stderr
    acls.withdraw(server.address, *rights, *more)
    site.close()


def findings(site, status):
    """@return what `check --connect` finds: {(where, wanted): fault}."""
    done = W.winnow("check", "--connect", "--json", "--config", site.config, status=status)
    return {(f["where"], f["wanted"]): f["fault"] for f in json.loads(done.stdout)["brokers"]["findings"]}


def test_check_sees_them():
    site = secured_site(server)
    rights = printed(site)
    topics = {name for _, kind, name, _ in rights if kind == "topic"}
    acls.grant(server.address, *rights)
    unseen = {(where, "DescribeConfigs"): False for where in topics | {"broker 1"}}
    assert findings(site, 0) == unseen, "settings that may not be seen are warnings, and nothing else is wrong"
    seen = [(f"User:{USER}", "topic", name, "DescribeConfigs") for name in topics]
    seen.append((f"User:{USER}", "cluster", "kafka-cluster", "DescribeConfigs"))
    acls.grant(server.address, *seen)
    assert findings(site, 0) == {}
    rows = [  # Without this right, where it is found, and which one is asked for.
        (("topic", site.topic, "Read"), site.topic, "Describe"),
        (("topic", "usage.billing.call", "Write"), "usage.billing.call", "Describe"),
        (("topic", "winnow.receipts", "Read"), "winnow.receipts", "Read"),
        (("topic", "winnow.keys", "Read"), "winnow.keys", "Read"),
        (("group", site.group, "Read"), f"group {site.group}", "Read"),
    ]
    wrong = []
    for right, where, wanted in rows:
        right = (f"User:{USER}", *right)
        acls.withdraw(server.address, right)
        found = findings(site, 1)
        if found.get((where, wanted)) is not True:
            wrong.append((right, found))
        acls.grant(server.address, right)
    assert not wrong, wrong
    acls.withdraw(server.address, *rights, *seen)
    site.close()


def test_a_password_that_is_wrong():
    site = secured_site(server, password="another-one")
    done = W.winnow("check", "--connect", "--config", site.config, status=1)
    assert "name or password is wrong" in done.stdout and "1 fault, " in done.stdout, done.stdout[:800]
    assert "another-one" not in done.stdout + done.stderr and not done.stderr, done.stderr
    site.close()


if __name__ == "__main__":
    server = with_rights()
    try:
        status = K.main([test_exactly_these, test_one_fewer, test_audit_and_quarantine, test_check_sees_them, test_a_password_that_is_wrong])
    finally:
        server.close()
    sys.exit(status)
