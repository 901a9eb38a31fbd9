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


CALL = ["src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"]
COLUMNS = {"asterisk-csv": ["accountcode", *CALL[:3], "clid", *CALL[3:], "uniqueid", "userfield", "peeraccount", "linkedid", "sequence"],
           "asterisk-custom": ["clid", *CALL, "accountcode", "uniqueid", "userfield", "sequence"]}


def asterisk(markers, source="asterisk-csv"):
    """Rows of cdr_csv and cdr_custom with a marker in every column."""
    def m(name):
        return markers.text(f"{source}:{name}")

    def n(name):
        return markers.digits(f"{source}:{name}", "4477009", 12)

    def row(**change):
        columns = {"accountcode": m("account"), "src": n("calling"), "dst": n("called"), "dcontext": m("dcontext"), "clid": f'"{m("clid")}" <{n("clid number")}>',
                   "channel": "PJSIP/cust-" + m("channel"), "dstchannel": "PJSIP/trunk-" + m("dstchannel"), "lastapp": m("lastapp"),
                   "lastdata": f'PJSIP/{n("lastdata number")}@trunk,30,{m("lastdata")}', "start": "2026-10-24 20:00:00", "answer": "2026-10-24 20:00:10",
                   "end": "2026-10-24 20:01:10", "duration": "70", "billsec": "60", "disposition": "ANSWERED", "amaflags": m("amaflags"),
                   "uniqueid": m("uniqueid"), "userfield": m("userfield"), "peeraccount": m("peeraccount"), "linkedid": m("linkedid"), "sequence": "1"}
        columns |= change
        bare = ("duration", "billsec", "sequence")
        return ",".join(columns[k] if k in bare else '"' + columns[k].replace('"', '""') + '"' for k in COLUMNS[source]) + "\n"

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


def carrier(markers):
    """Rows of a wholesale carrier with a marker in every column, of the header and the trailer too."""
    def m(name):
        return markers.text("carrier-csv:" + name)

    def n(name):
        return markers.digits("carrier-csv:" + name, "4477009", 12)

    def row(**change):
        columns = {"mark": m("mark"), "call_id": m("call_id"), "product": "VOICE", "direction": "O", "customer": m("account"), "a_number": n("calling"),
                   "a_withheld": "0", "b_number": n("called"), "forwarded_by": n("forwarded by nobody"), "date": "24-10-2026", "time": "20:00:10",
                   "duration": "60,5", "billed_seconds": "61", "result": "ANSWERED", "route": m("trunk"), "currency": "EUR", "charge": "0,0420",
                   "remark": m("remark")}
        return ";".join((columns | change).values()) + "\r\n"

    header = ["H"] + [m("header." + name) for name in ("version", "carrier", "created", "number")]
    trailers = [["T", "2", "121", "0,0840"], ["T", m("trailer.records"), m("trailer.seconds"), m("trailer.charge")],
                ["T", "1", "1", "1", m("a column too many of a trailer")], ["T", '"' + m("an open quote of a trailer"), "", ""], ["T", m("a trailer that is cut")]]
    names = ["Soort", m("a name of a column")]
    rows = [row(), row(direction="T", a_withheld="1", a_number=n("a caller who is withheld")), row(direction="F", forwarded_by=n("forwarding")),
            row(a_number="anonymous"), row(result="BUSY"), row(product=m("product")), row(direction=m("direction")), row(currency=m("currency")),
            row(charge=m("bad charge")), row(charge="0," + markers.digits("carrier-csv:a price that is too fine", "", 12)),
            row(charge=markers.digits("carrier-csv:a price that is too large", "", 22)), row(duration=m("bad duration")), row(billed_seconds=m("bad seconds")),
            row(date=m("bad date")), row(time=m("bad time")), row(date="24-10-2026", time="20:00" + m("behind a time")), row(call_id=""), row(customer=m("octet") + "\x81"),
            row(b_number=m("bad number") + "@" + m("bad host") + "+"), row(route=m("route") + "@" + m("place")), row(result=m("result")),
            row(remark=m("remark") + ";" + m("a column too many")), row(remark='"' + m("open quote")), m("no row") + "\r\n", row().rstrip()[:150]]
    lines = [";".join(header) + "\r\n", ";".join(names) + "\r\n"] + rows[:-1] + [";".join(t) + "\r\n" for t in trailers] + rows[-1:]
    return "".join(lines).encode("latin-1")


def mvne(markers):
    """Rows of an MVNE with a marker in every column, in names of columns, and in what stands around the rows."""
    def m(name):
        return markers.text("mvne-csv:" + name)

    def n(name):
        return markers.digits("mvne-csv:" + name, "4477009", 12)

    def columns(**change):
        all_ = {"RecordType": "MOC", "CallReference": m("reference"), "Node": m("node"), "IMSI": markers.digits("mvne-csv:imsi", "20498", 15),
                "MSISDN": n("msisdn"), "IMEI": markers.digits("mvne-csv:imei", "35", 14), "ANumber": n("calling"), "CLIR": "N", "BNumber": n("called"),
                "VPLMN": "20498", "StartTime": "24-10-2026 20:00:10", "EndTime": "24-10-2026 20:01:10", "Duration": "0:01:00", "Part": "1", "Last": "Y",
                "Result": "OK", "Charge": '"0,0420"', "Currency": "EUR", "Tariff": m("tariff"), n("in a name of a column"): m("under a name that is a number")}
        return all_ | change

    names = columns()
    names[n("in the last name")] = ""

    def row(**change):
        return ",".join(list(columns(**change).values()) + [m("in the last column")]) + "\n"

    rows = [row(), row(RecordType="MTC", CLIR="Y", ANumber=n("a caller who is withheld")), row(RecordType="CFW", MSISDN=n("forwarding")), row(IMSI=""),
            row(RecordType=m("type")), row(IMSI=m("bad imsi")), row(IMEI=m("bad imei")), row(VPLMN=m("bad network")), row(StartTime=m("bad start")),
            row(EndTime=m("bad end")), row(Duration=m("bad duration")), row(Part=m("bad part")), row(Last=m("bad last")), row(Charge=m("bad charge")),
            row(Currency=m("currency")), row(Charge="0,0420"), row(CallReference=""), row(BNumber=m("bad number") + "@" + m("bad host") + "+"),
            row(IMSI="", MSISDN=""), row(Tariff='"' + m("open quote")), m("no row") + "\n", row().rstrip()[:150]]
    header = ["HDR"] + [m("header") for _ in range(3)]
    trailers = ["TRL,21,0:20:00,\n", "TRL," + m("trailer records") + "," + m("trailer time") + ',"' + m("trailer amount") + '"\n', "TRL," + m("cut trailer") + "\n"]
    return "".join([",".join(header) + "\n", ",".join(list(names)) + "\n"] + rows[:-1] + trailers + rows[-1:]).encode()


def types(markers):
    """Sessions, messages and calls in one stream, each with what only the others read, and records that are of no type."""
    def m(name):
        return markers.text("types-json:" + name)

    def n(name):  # A name is shown in drift but where it has four digits in a row.
        return markers.digits("types-json:" + name, "4477009", 12)

    def record(**members):
        base = {"function": m("node"), "id": m("id"), "imsi": markers.digits("types-json:imsi", "20498", 15),
                "equipment": m("equipment"), n("a name"): m("under a name that is a marker")}
        return json.dumps({k: v for k, v in (base | members).items() if v is not None}).encode() + b"\n"

    def session(**members):
        return record(**{"opened": 1792864800, "sequence": 1, "seconds": 60, "cause": 0,
                         "pdu": {"dnn": m("apn").lower(), "address": m("address"), "location": m("location"),
                                 "units": [{"group": 10, "up": 1000, "down": 2000, "rule": m("rule")}]}} | members)

    def message(change=(), **members):
        content = {"at": 1792864800, "way": "sent", "to": "+" + n("called"), "from": "+" + n("calling"), "text": m("text"), "header": m("user data header")}
        return record(message=content | dict(change), **members)

    def call(change=(), **members):
        content = {"answered": 1792864800, "seconds": 60, "way": "out", "to": "+" + n("called"), "from": "+" + n("calling"), "digits": m("digits")}
        return record(call=content | dict(change), **members)

    lines = [session(), message(), call(), session(message={"to": n("other type"), "text": m("other text")}), call(pdu=None, opened=m("other opened")),
             record(location={"cell": m("cell")}), record(pdu={"dnn": m("no session").lower(), "units": m("units")}),
             session(seconds=m("bad duration")), message({"at": m("bad time")}), call({"from": m("bad number")}), message(imsi=m("bad imsi")),
             call({"to": {n("nested name"): m("nested value")}}), message(id=None), session(id={n("id name"): m("id value")}), session()[:200] + b"\n"]
    for name in ("types-json:apn", "types-json:no session"):  # As the canonical form has it.
        markers.all[name + " folded"] = markers.all[name].lower()
    return b"".join(lines)
