"""Records with a distinct marker in every field, for the searches of test_canary.py: one function a source, which takes the
markers (test_canary.py's Markers) and gives the octets of a file."""
import json

SECRETS = ("User-Password", "CHAP-Password", "Tunnel-Password", "State", "Reply-Message", "Calling-Station-Id", "Connect-Info", "Filter-Id",
           "Callback-Number", "NAS-Port-Id", "Acct-Unique-Session-Id", "Acct-Multi-Session-Id", "3GPP-User-Location-Info", "EAP-Message",
           "MS-CHAP-Response", "Proxy-State", "Unknown-Attribute")


def radius_json(markers, source):
    """Accounting as the modules json and rest of FreeRADIUS write it, in each of their shapes."""
    def m(name):
        return markers.text(f"{source}:{name}")

    def n(name):  # A name is shown in drift but where it has four digits in a row.
        return markers.digits(f"{source}:{name}", "4477009", 12)

    def fields(**change):
        all_ = {name: m(name) for name in SECRETS}
        all_ |= {"Class": [m("class"), m("class again")], n("a name"): m("under a name that is a marker"),
                 "Acct-Status-Type": "Stop", "Acct-Session-Id": m("session id"), "User-Name": f"{m('user')}@{m('realm').lower()}.example",
                 "NAS-Identifier": m("node"), "Framed-IP-Address": "100.110.19.8", "Acct-Session-Time": 600, "Acct-Input-Octets": 1000,
                 "Acct-Output-Octets": "2000", "Event-Timestamp": "Oct 24 2026 20:00:00 CEST",
                 "3GPP-IMSI": markers.digits(f"{source}:imsi", "20498", 15), "3GPP-IMEISV": markers.digits(f"{source}:imei", "35", 16),
                 "Called-Station-Id": m("apn").lower(), "3GPP-Charging-Characteristics": m("characteristics"), "NAS-Port-Type": "Wireless-Other"}
        all_.update({k.replace("_", "-"): v for k, v in change.items()})
        return {k: v for k, v in all_.items() if v is not None}

    def dump(value):
        return json.dumps(value).encode() + b"\n"

    def wrapped(record):
        return {k: {"type": m("type"), "value": v} for k, v in record.items()}

    markers.all[f"{source}:ip"] = "100.110.19.8"
    named = [{"name": k, "type": "string", "value": v} for k, v in fields().items() if not isinstance(v, list)]
    lines = [dump(fields()), dump(wrapped(fields())), dump({k: v if isinstance(v, list) else [v] for k, v in fields().items()}), dump(named),
             dump(fields(**{"3GPP_IMSI": None})), dump(fields(Acct_Session_Time=m("bad time"))), dump(fields(Acct_Session_Id=None)),
             dump(fields(**{"3GPP_IMSI": m("bad imsi")})), dump(fields(**{"3GPP_IMSI": [m("one"), m("two")]})),
             dump(fields(User_Name={"values": m("no wrapping")}, **{"3GPP_IMSI": None})), dump(fields(User_Name=m("escape") + "\\q", **{"3GPP_IMSI": None})),
             dump(fields(Acct_Status_Type=m("bad status"))), dump([m("value"), m("another value")]), dump([{"name": n("name without value")}]),
             m("no JSON").encode() + b"\n", dump(named)[:300].rstrip() + b"\n", dump(fields())[:400] + b"\n", b'{"' + m("cut").encode()]
    for name in (f"{source}:realm", f"{source}:apn"):  # As the canonical form has it.
        markers.all[name + " folded"] = markers.all[name].lower()
    return b"".join(lines)


def kamailio_cdrs(markers):
    """Rows of acc_cdrs with a marker in every column."""
    def m(name):
        return markers.text("kamailio-flatstore:" + name)

    def row(**change):
        columns = {"start_time": "1792890000", "end_time": "1792890060", "duration": "60.100000"}
        columns |= {name: m(name) for name in ("callid", "src_user", "src_name", "dst_ouser", "dst_user", "src_ip", "user_agent")}
        columns |= {"caller": markers.digits("kamailio-flatstore:calling", "3160045", 11), "dialled": markers.digits("kamailio-flatstore:called", "4477009", 12),
                    "withheld": "0", "call": m("call")}
        return "|".join((columns | change).values()) + "\n"

    rows = [row(), row(withheld="1"), row(duration="0.000000"), row(callid=""), row(start_time=m("bad time")), row(duration=m("bad duration")),
            row(caller=m("bad caller")), row(dialled=m("bad number") + "@" + m("bad host")), row(call=""), row(caller="anonymous"), row(end_time="1792899999"),
            row(user_agent=m("agent") + "|" + m("a column too many")), m("no row") + "\n", row().rstrip("\n")[:150]]
    return "".join(rows).encode()


def kamailio_acc(markers):
    """Rows of acc with a marker in every column: none of them leaves."""
    def m(name):
        return markers.text("kamailio-acc:" + name)

    def row(**change):
        columns = {"method": "INVITE", "from_tag": m("from_tag"), "to_tag": m("to_tag"), "callid": m("callid"), "sip_code": "200", "sip_reason": m("sip_reason"),
                   "time": "1792890000"}
        columns |= {name: m(name) for name in ("src_user", "src_domain", "src_ip", "dst_ouser", "dst_user", "dst_domain", "asserted")}
        return "|".join((columns | change).values()) + "\n"

    rows = [row(), row(sip_code="486"), row(method="BYE"), row(method=m("method")), row(sip_code=m("code")), row(time=m("bad time")), row(time=m("no time") + ".5"),
            row(callid=""), m("no row") + "\n", row().rstrip("\n")[:100]]
    return "".join(rows).encode()


def asterisk(markers):
    """Rows of cdr_csv with a marker in every column."""
    def m(name):
        return markers.text("asterisk-csv:" + name)

    def n(name):
        return markers.digits("asterisk-csv:" + name, "4477009", 12)

    def row(**change):
        columns = {"accountcode": m("account"), "src": n("calling"), "dst": n("called"), "dcontext": m("dcontext"), "clid": f'"{m("clid")}" <{n("clid number")}>',
                   "channel": "PJSIP/cust-" + m("channel"), "dstchannel": "PJSIP/trunk-" + m("dstchannel"), "lastapp": m("lastapp"),
                   "lastdata": f'PJSIP/{n("lastdata number")}@trunk,30,{m("lastdata")}', "start": "2026-10-24 20:00:00", "answer": "2026-10-24 20:00:10",
                   "end": "2026-10-24 20:01:10", "duration": "70", "billsec": "60", "disposition": "ANSWERED", "amaflags": m("amaflags"),
                   "uniqueid": m("uniqueid"), "userfield": m("userfield"), "peeraccount": m("peeraccount"), "linkedid": m("linkedid"), "sequence": "1"}
        columns |= change
        bare = ("duration", "billsec", "sequence")
        return ",".join(v if k in bare else '"' + v.replace('"', '""') + '"' for k, v in columns.items()) + "\n"

    inward = {"channel": "PJSIP/trunk-" + m("trunk channel"), "dstchannel": "PJSIP/cust-" + m("customer's channel")}
    rows = [row(), row(uniqueid=m("node") + "-1785023492.7"), row(src=n("a caller who may be withheld"), accountcode="", **inward),
            row(src=n("a caller who may be withheld, too"), **inward | {"dstchannel": "PJSIP/trunk-" + m("other trunk's channel")}),
            row(accountcode="", src=n("between networks"), dst=n("between networks, too"), **inward | {"dstchannel": "PJSIP/trunk-" + m("other trunk's channel")}),
            row(disposition=m("disposition")), row(dst="*21*" + n("behind a feature") + "#"), row(dst=m("bad number") + "@" + m("bad host") + "+"),
            row(start=m("bad start"), answer=m("bad answer")), row(billsec=m("bad billsec")), row(sequence=m("sequence")), row(channel=m("a channel of nobody")),
            row(accountcode="", src="1001"), row(clid=m("broken clid")).replace('"""', '"'), row(userfield=m("first line") + "\n" + m("second line")),
            row(dst=n("called")) + row()[:150] + "\n", m("no row") + "\n", '"' + m("cut")]
    return "".join(rows).encode()


def cucm(markers):
    """Records of Cisco's call manager with a marker in every column, also in a name of one and in a type."""
    def m(name):
        return markers.text("cucm-csv:" + name)

    def n(name):
        return "+" + markers.digits("cucm-csv:" + name, "4477009", 12)

    texts = ("callingPartyUnicodeLoginUserID", "finalCalledPartyUnicodeLoginUserID", "callingPartyNumberPartition", "authCodeDescription", "clientMatterCode",
             "authorizationCodeValue", "callingPartyNumber_uri", "huntPilotDN", "origIpv4v6Addr", "outpulsedCallingPartyNumber")
    numbers = {"globalCallID_callManagerId": "2", "dateTimeConnect": "1792864800", "dateTimeDisconnect": "1792864860", "duration": "60", "origCause_value": "16",
               "destCause_value": "0", "cdrRecordType": "1", "lastRedirectRedirectReason": "0", "origIpAddr": markers.digits("cucm-csv:origIpAddr", "-", 10)}
    more = "number" + n("a name")

    def columns(**change):
        all_ = dict(numbers) | {name: m(name) for name in texts}
        all_ |= {"callingPartyNumber": n("calling"), "originalCalledPartyNumber": n("called"), "finalCalledPartyNumber": n("a number called in the end"),
                 "lastRedirectDn": n("who redirected"), "pkid": m("pkid"), "origDeviceName": "SEP" + m("origDeviceName"), "destDeviceName": m("destDeviceName"),
                 "globalCallId_ClusterID": m("node"), more: m("under a name that is a marker")}
        return all_ | change

    def row(**change):
        return ",".join(v if k in numbers else f'"{v}"' for k, v in columns(**change).items()) + "\n"

    inward = {"origDeviceName": m("trunk"), "destDeviceName": "CSF" + m("a user's name")}
    heads = ",".join(f'"{name}"' for name in columns()) + "\n" + ",".join("INTEGER" if name in numbers else f"VARCHAR({m('type')})" for name in columns()) + "\n"
    rows = [row(), row(callingPartyNumber=n("a caller who may be withheld"), originalCalledPartyNumber=n("who was called first"), finalCalledPartyNumber=n("called"), **inward),
            row(callingPartyNumber=n("a caller who may be withheld, too"), originalCalledPartyNumber=n("who was called first, too"), lastRedirectDn=n("forwarding"),
                finalCalledPartyNumber=n("called"), lastRedirectRedirectReason="15", **inward | {"destDeviceName": m("another trunk")}),
            row(destDeviceName="SEP" + m("an inner phone")), row(dateTimeConnect="0"), row(cdrRecordType=m("type of record")), row(originalCalledPartyNumber=m("bad number") + "+"),
            row(dateTimeConnect=m("bad time")), row(duration=m("bad duration")), row(origCause_value=m("cause")), row(origDeviceName=""), row(pkid=""),
            row(callingPartyNumber="1001"), row(clientMatterCode=m("a") + '"' + m("b")), row()[:300] + "\n", m("no row") + "\n", '"' + m("cut")]
    return (heads + "".join(rows)).encode()
