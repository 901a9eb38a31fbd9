#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers that want to know who comes, and show who they are: TLS, SCRAM, client certificates. What is wrong between the two
is one line with its remedy, and no password is in it."""
import os
import shutil
import subprocess
import sys
import tempfile

import kafka as K
import winnow as W

import certificates
import secured

USER, PASSWORD = "winnow", "s3cret-of-winnow"
CANARY = "c4nary-password"  # Marks every password that is wrong.
FOLDER = tempfile.mkdtemp(prefix="winnow-certificates-")


def certify():
    """Sign what the doors show and the clients bring. @return the authority."""
    authority, other = certificates.Authority(FOLDER), certificates.Authority(FOLDER, "other")
    authority.sign("good")
    authority.sign("old", until=-60)
    authority.sign("name", names="DNS:kafka.example,IP:127.0.0.9")
    authority.sign("client", password=PASSWORD)
    authority.sign("client-old", until=-60)
    other.sign("stranger")
    return authority


def scram_door(certificate):
    return {"protocol": "SASL_SSL", "ssl.keystore.type": "PEM",
            "ssl.keystore.location": f"{FOLDER}/{certificate}.store.pem", "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "scram-sha-512.sasl.jaas.config": secured.SCRAM}


DOORS = {
    "good": scram_door("good"), "old": scram_door("old"), "name": scram_door("name"),
    "mutual": {"protocol": "SSL", "ssl.keystore.type": "PEM", "ssl.keystore.location": f"{FOLDER}/good.store.pem",
               "ssl.truststore.type": "PEM", "ssl.truststore.location": f"{FOLDER}/ca.pem", "ssl.client.auth": "required"},
}
SCRAM = {"security.protocol": "SASL_SSL", "ssl.ca.location": f"{FOLDER}/ca.pem", "sasl.mechanism": "SCRAM-SHA-512",
         "sasl.username": USER, "sasl.password": PASSWORD}
MUTUAL = {"security.protocol": "SSL", "ssl.ca.location": f"{FOLDER}/ca.pem"}


def mine(who, **more):
    return {**MUTUAL, "ssl.certificate.location": f"{FOLDER}/{who}.pem", "ssl.key.location": f"{FOLDER}/{who}.key", **more}


def works(properties, door, **environment):
    """Records go through, over what the door asks for; nothing in the log is a warning or a password."""
    site = K.Site(server=server)
    config = secured.behind(site, server.doors[door], properties)
    site.fill(K.calls(0, 30))
    process = site.start(config=config, **environment)
    site.await_end(process)
    site.stop(process)
    site.check(30)
    assert PASSWORD not in site.log(process)
    done = W.winnow("audit", "--config", config, "--public-key", f"{server.keys}/signing.pub",
                    env=dict(os.environ, **environment))
    assert PASSWORD not in done.stdout + done.stderr
    site.close()


def test_mutual_tls():
    works(mine("client", **{"ssl.key.password": PASSWORD}), "mutual")


def test_scram():
    """With the system's librdkafka where it can, else with the one of confluent-kafka."""
    folder = secured.newer_library(FOLDER)
    if folder is False:
        print("# no librdkafka from 2.6.1 on here: SCRAM with Kafka 4 is not tried")
        return
    works(SCRAM, "good", **({"LD_LIBRARY_PATH": str(folder)} if folder else {}))


OLD_SCRAM = "Kafka 4.0 and newer refuse the SCRAM of librdkafka before 2.6.1"
REFUSED = [  # What is wrong; the door; the properties; what the line says.
    ("a wrong password", "good", {**SCRAM, "sasl.password": CANARY}, "name or password is wrong"),
    ("a user that is none", "good", {**SCRAM, "sasl.username": "nobody"}, "name or password is wrong"),
    ("another mechanism", "good", {**SCRAM, "sasl.mechanism": "PLAIN"}, "does not offer this sasl.mechanism (PLAIN)"),
    ("an authority that is not known", "good", {**SCRAM, "ssl.ca.location": f"{FOLDER}/other.pem"},
     "signed by an authority that is not trusted here; name the authority's certificate under ssl.ca.location"),
    ("no authority named", "good", {k: v for k, v in SCRAM.items() if k != "ssl.ca.location"},
     "signed by an authority that is not trusted here"),
    ("an expired certificate", "old", SCRAM, "the broker's certificate has expired; renew it"),
    ("another host's certificate", "name", SCRAM, "the broker's certificate is for another"),
    ("no certificate of ours", "mutual", MUTUAL, "wants a certificate of us"),
    ("our certificate has expired", "mutual", mine("client-old"), "refuses our certificate"),
    ("our certificate is a stranger's", "mutual", mine("stranger"), "ssl.certificate.location"),
    ("no TLS where it is wanted", "good", {}, "wants TLS at this port"),
    ("TLS where there is none", None, MUTUAL, "speaks no TLS at this port"),
]


def test_what_is_refused():
    site = K.Site(server=server)
    wrong = []
    old = secured.library_version() < (2, 6, 1)
    for name, door, properties, words in REFUSED:
        words = OLD_SCRAM if old and words.startswith("name or password") else words
        address = server.doors[door] if door else server.address
        config = secured.behind(site, address, properties)
        for command in (["run", "--config", config], ["check", "--connect", "--config", config],
                        ["topics", "create", "--config", config]):
            done = subprocess.run([W.BINARY, *map(str, command)], capture_output=True, text=True, timeout=K.PATIENCE)
            said = [line for line in (done.stdout + done.stderr).splitlines() if words in line and address in line]
            if done.returncode != 1 or len(said) != 1 or \
                    (command[0] == "run" and "reason=broker-trust" not in done.stderr):
                wrong.append((name, command[0], done.returncode, done.stdout[-300:], done.stderr))
            assert CANARY not in done.stdout + done.stderr and PASSWORD not in done.stdout + done.stderr, name
    assert not wrong, "\n".join(map(str, wrong))
    site.close()


def test_secrets_in_files():
    """A password that others may read, that is not there, or that is none: status 2, and named with its line."""
    site = K.Site(server=server)
    config = secured.behind(site, server.doors["good"], SCRAM)
    secret, = site.dir.glob("sasl.password-*")
    plain = config.read_text()
    rows = [
        ("others may read it", lambda: secret.chmod(0o644), plain, "others have access (mode 0644)"),
        ("it is empty", lambda: (secret.chmod(0o600), secret.write_text("\n")), plain, "a secret of one text is expected"),
        ("it is not there", secret.unlink, plain, "No such file or directory"),
        ("the configuration holds it", lambda: None, plain.replace(f"{{file: {secret.name}}}", CANARY),
         "a secret stands in no configuration"),
        ("a credential without systemd", lambda: None, plain.replace(f"{{file: {secret.name}}}", "{credential: kafka}"),
         "$CREDENTIALS_DIRECTORY is not set"),
    ]
    for name, prepare, text, words in rows:
        prepare()
        config.write_text(text)
        for command in (["run", "--config", config], ["check", "--config", config]):
            done = W.winnow(*command, status=2 if command[0] == "run" else None)
            said = [line for line in (done.stdout + done.stderr).splitlines() if words in line]
            assert len(said) == 1 and "sasl.password" in said[0] and done.returncode != 0, (name, command, done)
            assert CANARY not in done.stdout + done.stderr, name
    site.close()


def test_a_credential():
    """systemd's way: LoadCredential=, and the name under kafka:."""
    site = K.Site(server=server)
    config = secured.behind(site, server.doors["mutual"], mine("client", **{"ssl.key.password": PASSWORD}))
    secret, = site.dir.glob("ssl.key.password-*")
    credentials = site.dir / "credentials"
    credentials.mkdir()
    secret.rename(credentials / "kafka-key")
    (credentials / "kafka-key").chmod(0o440)
    config.write_text(config.read_text().replace(f"{{file: {secret.name}}}", "{credential: kafka-key}"))
    W.winnow("topics", "create", "--config", config, env=dict(os.environ, CREDENTIALS_DIRECTORY=str(credentials)))
    site.close()


if __name__ == "__main__":
    certify()
    server = secured.broker(DOORS, users={USER: PASSWORD})
    try:
        status = K.main([test_mutual_tls, test_scram, test_what_is_refused, test_secrets_in_files, test_a_credential])
    finally:
        server.close()
        shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(status)
