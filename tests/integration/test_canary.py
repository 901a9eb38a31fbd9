#!/usr/bin/env python3
"""Nothing leaks: a distinct marker in every field of every source, also in fields that nobody knows, in names, in nested
values and in records that are refused; then every output, log, error, receipt, envelope, state file and file name is
searched in eight encodings. And: random new fields change no decoded output."""
import json
import pathlib
import random
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import canary  # noqa: E402
import marked  # noqa: E402
import winnow as w  # noqa: E402

rng = random.Random(42)


class Markers:
    """Hands out distinct markers and remembers them."""

    def __init__(self):
        self.all = {}

    def keep(self, name, value):
        """Remember a value; an earlier one of the same name goes on as `name#N`."""
        if name in self.all:
            self.all[f"{name}#{len(self.all)}"] = self.all[name]
        self.all[name] = value
        return value

    def text(self, name):
        return self.keep(name, "KANARIE%016x" % rng.getrandbits(64))

    def digits(self, name, prefix, length):
        while True:  # Few digits: another marker's would be found in its place.
            value = prefix + "".join(rng.choice("123456789") for _ in range(length - len(prefix)))
            if value not in self.all.values():
                return self.keep(name, value)


# What billing may have in clear, by the shipped policy.
BILLING_HAS = {"called", "calling", "forwarding", "account", "trunk", "apn", "node", "characteristics", "visited"}


def allowed(place, name, encoding):
    return name.split(":")[-1].split("#")[0] in BILLING_HAS and "usage.billing" in place and encoding in ("clear", "reversed", "tbcd")


def freeswitch(markers):
    """Records of mod_json_cdr with a marker in every field that a real one has."""
    def m(name):
        return markers.text("freeswitch:" + name)

    def n(name):
        return markers.digits("freeswitch:" + name, "4477009", 12)

    profile = {name: m("profile." + name) for name in (
        "username", "dialplan", "caller_id_name", "ani", "aniii", "network_addr", "rdnis", "uuid", "source", "chan_name")}
    profile |= {"caller_id_number": n("calling"), "destination_number": n("called"), "context": "default",
                "originator": {"originator_caller_profiles": [{"destination_number": n("orig.destination"),
                                                               "caller_id_name": m("orig.name"), "context": "default"}]}}
    variables = {name: m("variables." + name) for name in (
        "sip_from_user", "sip_from_uri", "sip_full_from", "sip_full_to", "sip_full_via", "sip_call_id", "sip_user_agent",
        "sip_h_X-Secret", "sip_auth_username", "sip_auth_password", "sip_contact_uri", "sip_network_ip", "switch_r_sdp",
        "rtp_local_sdp_str", "remote_media_ip", "digits_dialed", "effective_caller_id_name", "user_name", "domain_name",
        "presence_id", "recording_path", "sip_P-Asserted-Identity", "email", "voicemail_password", "uuid")}
    variables |= {"direction": "inbound", "accountcode": m("account"), "sip_gateway_name": m("trunk"),
                  "digits_pin": markers.digits("freeswitch:pin", "", 9),
                  "answer_uepoch": "1792850410000000", "end_uepoch": "1792850470000000", "billusec": "60000000",
                  "answer_epoch": "1792850410", "billsec": "60", "hangup_cause": "NORMAL_CLEARING"}
    variables[m("a name")] = m("under a name that is a marker")
    variables["number +" + n("in a name")] = "x"
    record = {"core-uuid": m("core-uuid"), "switchname": m("node"), "channel_data": {"state": m("state"), "direction": "inbound"},
              "variables": {k: urllib.parse.quote(v, safe="") for k, v in variables.items()},
              "app_log": {"applications": [{"app_name": "bridge", "app_data": m("app_data")}]},
              "nested": {"deep": [{"er": {m("nested name"): [m("nested value")]}}]},
              "callflow": [{"caller_profile": profile, "extension": {"applications": [{"app_data": m("extension")}]}}]}
    lines = [record]
    for change in ({"billusec": "no number " + m("bad billusec")}, {"answer_uepoch": m("bad time")},
                   {"billusec": "59000000"},  # A conflict with the first one, unless its uuid is new.
                   {"answer_uepoch": "0", "uuid": m("attempt uuid")}, {"uuid": ""}):
        other = json.loads(json.dumps(record))
        other["variables"].update(change)
        lines.append(other)
    other = json.loads(json.dumps(record))
    other["callflow"][0]["caller_profile"]["destination_number"] = m("bad number")
    lines.append(other)
    lines.append({"broken": m("broken")})
    return b"".join(json.dumps(r).encode() + b"\n" for r in lines) + json.dumps(record).encode()[:-200] + b"\n" + b'{"' + m("cut").encode()


def detail(markers):
    """Records of a FreeRADIUS detail file with a marker in every attribute."""
    def m(name):
        return markers.text("detail:" + name)

    def record(**change):
        fields = {name: f'"{m(name)}"' for name in (
            "User-Password", "CHAP-Password", "Tunnel-Password:1", "State", "Class", "Reply-Message", "Calling-Station-Id",
            "Connect-Info", "Filter-Id", "Callback-Number", "NAS-Port-Id", "Acct-Unique-Session-Id", "Acct-Multi-Session-Id",
            "3GPP-User-Location-Info", "EAP-Message", "MS-CHAP-Response", "Proxy-State", "Unknown-Attribute")}
        fields |= {"Acct-Status-Type": "Stop", "Acct-Session-Id": f'"{m("session id")}"', "User-Name": f'"{m("user")}@{m("realm").lower()}.example"',
                   "NAS-Identifier": f'"{m("node")}"', "Framed-IP-Address": "100.110.19.7", "Acct-Session-Time": "600",
                   "Acct-Input-Octets": "1000", "Acct-Output-Octets": "2000", "Event-Timestamp": '"Oct 24 2026 20:00:00 CEST"',
                   "3GPP-IMSI": '"' + markers.digits("detail:imsi", "20498", 15) + '"',
                   "3GPP-IMEISV": '"' + markers.digits("detail:imei", "35", 16) + '"', "Called-Station-Id": f'"{m("apn").lower()}"',
                   "3GPP-Charging-Characteristics": f'"{m("characteristics")}"', "NAS-Port-Type": "Wireless-Other",
                   "Timestamp": "1792864800"}
        fields.update(change)
        return "Sat Oct 24 20:00:00 2026\n" + "".join(f"\t{k} = {v}\n" for k, v in fields.items() if v is not None) + "\n"

    markers.all["detail:ip"] = "100.110.19.7"
    text = record() + record(**{"3GPP-IMSI": None}) + record(**{"Acct-Session-Time": '"' + m("bad time") + '"'})
    text += record(**{"User-Name": '"' + m("cut user"), "3GPP-IMSI": None}) + record(**{"Acct-Session-Id": None})
    text += record(**{"3GPP-IMSI": '"' + m("bad imsi") + '"'}) + record(**{"Acct-Status-Type": m("bad status")})
    text += "garbage " + m("garbage") + "\n\n" + record()[:400]
    for name in ("detail:realm", "detail:apn"):  # As the canonical form has it.
        markers.all[name + " folded"] = markers.all[name].lower()
    return text.encode()


def explained(policy, source, path, n):
    """What `explain` says of a file and of each of its records, as text and as JSON."""
    said = {}
    for args in [("--all",), ("--all", "--json")] + [(*more, "--record", i + 1) for i in range(n) for more in ((), ("--json",))]:
        ran = w.winnow("explain", "--config", w.SAMPLES / "winnow.yaml", "--policy", policy, "--source", source,
                       *args, path, status=None)
        said[f"{source} explain {args}"] = (ran.stdout + ran.stderr).encode()
    return said


def everybody_consents(markers, path):
    """Write a consent file of all subscribers, so that there is something of insight to be searched."""
    kinds = {"account": ("account", ""), "imsi": ("imsi", ""), "calling": ("number", "+"), "called": ("number", "+"), "forwarding": ("number", "+")}
    rows = [(kinds.get(name.split(":")[1].split("#")[0]), value) for name, value in markers.all.items()]
    rows = [f"{row[0]},{row[1]}{value},insight,2020-01-01T00:00:00Z,\n" for row, value in rows if row]
    rows += [f"nai,{value}@{markers.all[name.replace(':user', ':realm')].lower()}.example,insight,2020-01-01T00:00:00Z,\n"
             for name, value in markers.all.items() if name.endswith(":user")]
    path.write_text("kind,identifier,purpose,from,to\n" + "".join(rows))
    return path


def listed(folder, markers):
    """A list of helplines with markers in it. @return a configuration that names it."""
    path = folder / "helplines.csv"
    path.write_text("number,country,class,source\n"
                    f"+{markers.digits('list:number', '44770095', 12)},GB,freephone,{markers.text('list:source')}\n"
                    f"{markers.digits('list:code', '7', 6)},GB,freephone,\"{markers.text('list:other source')}, a comma\"\n")
    markers.all.pop("list:code")  # Six digits stand somewhere by chance.
    config = folder / "winnow.yaml"
    config.write_text((w.SAMPLES / "winnow.yaml").read_text() + f"lists: {{helplines: {path}}}\n")
    return config


def leaks():
    markers = Markers()
    files = {"freeswitch-json": freeswitch(markers), "freeradius-detail": detail(markers),
             "freeradius-json": marked.radius_json(markers, "freeradius-json"),
             "freeradius-rest": marked.radius_json(markers, "freeradius-rest"),
             "asterisk-csv": marked.asterisk(markers), "asterisk-custom": marked.asterisk(markers, "asterisk-custom"), "cucm-csv": marked.cucm(markers),
             "carrier-csv": marked.carrier(markers), "mvne-csv": marked.mvne(markers),
             "kamailio-flatstore": marked.kamailio_cdrs(markers), "kamailio-acc": marked.kamailio_acc(markers),
             "types-json": marked.types(markers)}
    gives_nothing = {"kamailio-acc"}
    folded = {n: v for n, v in markers.all.items() if n.endswith("folded")}
    found = []
    with w.scratch() as folder:
        folder = pathlib.Path(folder)
        policy = w.make_policy(folder / "policy")
        keys = w.make_keys(folder)
        consent = everybody_consents(markers, folder / "consent.csv")
        said, insight = {}, 0
        config = listed(folder, markers)
        for verb in ((), ("--json",)):
            said[f"lists check {verb}"] = w.winnow("lists", "check", "--config", config, *verb).stdout.encode()
        for source, raw in files.items():
            path = folder / f"{source}.raw"
            path.write_bytes(raw)
            out = folder / "out" / source
            done = w.winnow("sift", "--config", config, "--policy", policy, "--keys", keys,
                            "--source", source, "--out", out, "--consent", consent, path, status=None)
            said[source + " stdout"], said[source + " stderr"] = done.stdout.encode(), done.stderr.encode()
            if done.returncode != 0:
                found.append(f"{source}: sift ended with {done.returncode}: {done.stderr}")
                continue
            for command in (("quarantine", "list", out), ("audit", out, "--public-key", keys / "signing.pub"),
                            ("quarantine", "show", out, "--officer-key", str(keys) + ".officer.key")):
                ran = w.winnow(*command, status=None)
                said[f"{source} {' '.join(map(str, command[:2]))}"] = (ran.stdout + ran.stderr).encode()
            receipt = w.receipts(out)[0]
            insight += receipt["purposes"]["insight"]["out"] > 0
            said |= explained(policy, source, path, receipt["in"])
            for args in ((), ("--json",)):  # The same configuration, with the same keys.
                ran = w.winnow("check", "--config", w.SAMPLES / "winnow.yaml", "--policy", policy, *args, status=None)
                said[f"check {args}"] = (ran.stdout + ran.stderr).encode()
            if receipt["passed"] < 1 - (source in gives_nothing) or sum(receipt["quarantined"].values()) < 4:
                found.append(f"{source}: too few records passed or were refused for the search to mean anything")
        if insight < len(files) - 2:
            found.append(f"insight has records of {insight} sources only: nothing was searched")
        places = canary.places_of(folder / "out", lambda p: w.winnow("cat", p).stdout) | said
        wanted = {n: v for n, v in markers.all.items() if n not in folded} | {n.removesuffix(" folded") + ":" + n.split(":")[1].split()[0]: v for n, v in folded.items()}
        found += canary.search(places, wanted, allowed)
        # The search itself must be able to find something.
        if not canary.search({"x": b"usage " + next(iter(markers.all.values())).encode()}, markers.all):
            found.append("the search finds nothing at all")
    return found


def noise():
    """Random new fields, with random names and values, change no decoded output."""
    found = []
    with w.scratch() as folder:
        folder = pathlib.Path(folder)
        keys = w.make_keys(folder)

        def strip(out, kind):
            return sorted(json.dumps({k: v for k, v in r.items() if k != "origin"}) for r in w.usage(out, "billing", kind))

        def value(depth=0):
            kind = rng.randrange(6 if depth < 4 else 3)
            if kind == 0:
                return "".join(chr(rng.choice([rng.randrange(32, 127), rng.randrange(160, 800)])) for _ in range(rng.randrange(20)))
            if kind == 1:
                return rng.randrange(-10**12, 10**12)
            if kind == 2:
                return rng.choice([None, True, False, 1.5e300])
            if kind == 3:
                return [value(depth + 1) for _ in range(rng.randrange(4))]
            return {"new%x" % rng.getrandbits(32): value(depth + 1) for _ in range(rng.randrange(4))}

        def stir(thing):
            if isinstance(thing, dict):
                items = [(k, stir(v)) for k, v in thing.items()]
                for _ in range(rng.randrange(3)):
                    items.insert(rng.randrange(len(items) + 1), ("new%x" % rng.getrandbits(32), value()))
                return dict(items)
            return thing

        lines = [json.loads(x) for x in (w.SAMPLES / "freeswitch" / "cdr.jsonl").read_text().splitlines()[:-1]]
        attributes = (w.SAMPLES / "freeradius/radacct/127.0.0.42/detail-20261024").read_text(encoding="latin-1")
        for name, source, kind, plain, noisy in (
                ("calls", "freeswitch-json", "call",
                 "".join(json.dumps(r) + "\n" for r in lines), "".join(json.dumps(stir(r)) + "\n" for r in lines)),
                ("sessions", "freeradius-detail", "session", attributes,
                 attributes.replace("\tAcct-Session-Id", '\tNew-Attribute = "a \\"b\\" = \\\\ c"\n\tOther-New = 0xff\n\tAcct-Session-Id'))):
            for which, text in (("plain", plain), ("noisy", noisy)):
                (folder / f"{name}.{which}").write_bytes(text.encode("latin-1" if kind == "session" else "utf-8"))
                w.sift(folder / f"out-{name}-{which}", source, [folder / f"{name}.{which}"], keys)
            one, two = (strip(folder / f"out-{name}-{x}", kind) for x in ("plain", "noisy"))
            if one != two or not one:
                found.append(f"{name}: new fields changed the output ({len(one)} and {len(two)} records)")
    return found


if __name__ == "__main__":
    findings = leaks() + noise()
    print("\n".join(findings) or "ok")
    sys.exit(1 if findings else 0)
