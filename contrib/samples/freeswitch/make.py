#!/usr/bin/env python3
"""Write FreeSWITCH records in the shape of mod_json_cdr: cdr.jsonl (one leg a line) and old.json.

Made up after the module's field list; people and numbers do not exist (+44 7700 900xxx is kept for
fiction). Each leg carries what a real one does and nobody should keep: SDP, SIP headers, DTMF
digits, names, addresses, a voicemail PIN. Run it in this folder; the same seed gives the same bytes.
"""
import json
import random
import urllib.parse

rng = random.Random(7)
UTC_START = 1792850400  # 2026-10-24 14:00 UTC
ZONE_S = 7200


def stamp(us):
    import time
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(us // 1000000 + ZONE_S))


def uuid():
    h = "%032x" % rng.getrandbits(128)
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def profile(caller, called, context, name="Somebody", **more):
    return {"username": caller, "dialplan": "XML", "caller_id_name": name, "ani": caller,
            "caller_id_number": caller, "network_addr": "198.51.100.%d" % rng.randint(1, 250),
            "rdnis": "", "destination_number": called, "uuid": uuid(), "source": "mod_sofia",
            "context": context, "chan_name": "sofia/internal/%s@198.51.100.7" % caller, **more}


def leg(number, caller, called, context="default", direction="inbound", answered=True,
        seconds=60.0, account=None, cause="NORMAL_CLEARING", variables=None, last=None):
    start = (UTC_START + number * 97) * 1000000 + rng.randint(0, 999999)
    answer = start + rng.randint(2000000, 9000000) if answered else 0
    end = (answer + int(seconds * 1000000)) if answered else start + 20000000
    v = {"direction": direction, "uuid": uuid(), "session_id": str(number),
         "sip_from_user": caller, "sip_from_uri": caller + "@sip.example",
         "sip_full_from": '"Somebody" <sip:%s@sip.example>;tag=%x' % (caller, rng.getrandbits(40)),
         "sip_to_user": called, "sip_req_user": called, "sip_call_id": uuid(),
         "sip_user_agent": "Softphone 5.%d" % rng.randint(0, 9),
         "sip_contact_host": "198.51.100.%d" % rng.randint(1, 250),
         "sip_auth_username": caller, "sip_auth_realm": "sip.example",
         "user_name": caller, "domain_name": "sip.example",
         "presence_id": caller + "@sip.example", "endpoint_disposition": "ANSWER",
         "switch_r_sdp": "v=0\r\no=- 1 1 IN IP4 198.51.100.%d\r\ns=-\r\n" % rng.randint(1, 250),
         "rtp_local_sdp_str": "v=0\r\no=FreeSWITCH 2 2 IN IP4 192.0.2.10\r\n",
         "remote_media_ip": "198.51.100.%d" % rng.randint(1, 250), "read_codec": "PCMA",
         "digits_dialed": rng.choice(["none", "4711%23", "0815"]),
         "start_stamp": stamp(start), "end_stamp": stamp(end),
         "start_epoch": str(start // 1000000), "start_uepoch": str(start),
         "answer_epoch": str(answer // 1000000), "answer_uepoch": str(answer),
         "end_epoch": str(end // 1000000), "end_uepoch": str(end),
         "hangup_cause": cause, "hangup_cause_q850": "16",
         "duration": str((end - start) // 1000000),
         "billsec": str(end // 1000000 - answer // 1000000 if answered else 0),
         "billusec": str(end - answer if answered else 0),
         "billmsec": str((end - answer) // 1000 if answered else 0),
         "rtp_audio_in_mos": "%.2f" % rng.uniform(3.2, 4.5),
         "rtp_audio_in_raw_bytes": str(rng.randint(1000, 900000))}
    if answered:
        v["answer_stamp"] = stamp(answer)
    if account:
        v["accountcode"] = account
    v.update(variables or {})
    v = {k: urllib.parse.quote(x, safe="") for k, x in v.items()}
    return {"core-uuid": "5d0a0b2e-11aa-4c5f-9a51-0f2f0c0ffee0", "switchname": "sip-north-1",
            "channel_data": {"state": "CS_REPORTING", "direction": direction,
                             "state_number": "11", "flags": "0=1;1=1;3=1", "caps": "1=1;2=1"},
            "callStats": {"audio": {"inbound": {"raw_bytes": 1720, "mos": 4.5}}},
            "variables": v,
            "app_log": {"applications": [
                {"app_name": "bridge", "app_data": "{sip_auth_password=hunter2}sofia/gateway/x/" + called,
                 "app_stamp": start}]},
            "callflow": [{"dialplan": "XML", "profile_index": "1", "extension": {"name": "out"},
                          "caller_profile": last or profile(caller, called, context)}]}


forwarded = profile("447700900301", "447700900302", "public", originator={
    "originator_caller_profiles": [profile("447700900301", "447700900012", "public")]})
records = [
    leg(1, "447700900011", "447700900201", account="C-1001", seconds=67.54),
    leg(2, "447700900012", "00442079460000", account="C-1002", seconds=301.2),
    leg(3, "447700900301", "447700900011", context="public", seconds=45.0),
    leg(4, "447700900302", "447700900012", context="public", seconds=12.25,
        variables={"sip_Privacy": "id"}),
    leg(5, "447700900013", "447700900202", answered=False, cause="NO_ANSWER"),
    leg(6, "447700900011", "447700900203", direction="outbound", seconds=66.0),
    leg(7, "447700900301", "447700900302", direction="outbound", seconds=80.0,
        variables={"sip_gateway_name": "carrier-east"}, last=forwarded),
    leg(8, "1001", "447700900204", account="C-1003", seconds=0.4),
    leg(9, "1002", "447700900205", seconds=9.0),
    leg(10, "447700900014", "116123", account="C-1004", seconds=1900.0),
    leg(11, "447700900015", "447700900206", account="C-1005", seconds=3.0,
        cause="MEDIA_TIMEOUT"),
]
records.append(records[0])                      # Sent again.
changed = json.loads(json.dumps(records[1]))    # The same leg, and another duration.
changed["variables"]["billusec"] = "999000000"
changed["variables"]["end_uepoch"] = str(int(changed["variables"]["answer_uepoch"]) + 999000000)
records.append(changed)

with open("cdr.jsonl", "w", encoding="utf-8") as out:
    for record in records:
        out.write(json.dumps(record, separators=(",", ":")) + "\n")
    out.write(json.dumps(records[2], separators=(",", ":"))[:700] + "\n")  # A full disk cut it.

old = leg(20, "447700900016", "447700900207", account="C-1006", seconds=67.5)
del old["switchname"], old["channel_data"]["direction"], old["callStats"]
times = {"created_time": old["variables"]["start_uepoch"],
         "answered_time": old["variables"]["answer_uepoch"],
         "hangup_time": old["variables"]["end_uepoch"], "transfer_time": "0"}
for name in [n for n in old["variables"] if "epoch" in n or "stamp" in n or n.startswith("bill")
             or n in ("duration", "direction")]:
    del old["variables"][name]
old["times"] = times
with open("old.json", "w", encoding="utf-8") as out:
    json.dump(old, out, indent=4)
    out.write("\n")
