"""What a usage record must say of a record of TS 32.298 whose facts are known."""
import datetime

FLAGS = {"retransmission": "retransmission"}
RADIO = {1: "utran", 2: "geran", 3: "wlan", 4: "gan", 5: "hspa", 6: "eutran", 7: "virtual", 8: "nbiot", 9: "ltem", 51: "nr"}
CAUSE_PS = {0: "normal", 4: "abnormal", 5: "normal", 52: "failed", 53: "failed", 54: "failed", 58: "failed"}
CAUSE_CS = {0: "normal", 1: "normal", 2: "normal", 3: "failed", 4: "abnormal", 5: "normal"}


def millis(stamp):
    """Milliseconds since 1970 of a time as `winnow cat` prints it, or of a number."""
    if isinstance(stamp, int):
        return stamp
    at = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return round(at.timestamp() * 1000)


def usage_of(facts):
    """Containers with a rating group, as facts have them, in the names of usage records."""
    return [{"rating_group": u.get("rating_group"), "service_id": u.get("service_id"), "uplink": u.get("uplink"),
             "downlink": u.get("downlink"), "duration": u["time_s"] * 1000 if "time_s" in u else None}
            for u in facts.get("usage", ())]


def wrong_session(facts, got):
    """@return what of a data session is not as the facts say: [(name, got, wanted)]."""
    is_5g = facts["record"] == "chargingFunctionRecord"
    wanted = {"start": facts["start_utc_ms"], "duration": facts["duration_s"] * 1000, "sequence": facts.get("sequence"),
              "final": facts["final"], "node": facts["node"], "apn": facts.get("apn"), "uplink": facts.get("uplink"),
              "downlink": facts.get("downlink"), "total": facts.get("total_only"), "radio": RADIO.get(facts.get("rat"), "other"),
              "cause": CAUSE_PS.get(facts["cause"], "normal"), "incomplete": bool(facts.get("incomplete")), "service": "data",
              "usage": usage_of(facts)}
    have = dict(got, start=millis(got["start"]))
    have["usage"] = [{k: c[k] for k in ("rating_group", "service_id", "uplink", "downlink", "duration")}
                     for c in got["usage"] if c["rating_group"] is not None]
    if not is_5g and len(got["usage"]) != facts["containers"]:
        wanted["containers"], have["containers"] = facts["containers"], len(got["usage"])
    if "ms_zone_min" in facts:
        wanted["utc_offset"] = facts["ms_zone_min"]
    if "visited_plmn" in facts:
        wanted["visited_network"] = facts["visited_plmn"]
    if "retransmission" in facts:
        wanted["retransmission"], have["retransmission"] = True, "retransmission" in got["flags"]
    return [(name, have[name], value) for name, value in wanted.items() if have[name] != value]


def wrong_call(facts, got):
    """The same of a call or a short message."""
    is_sms = facts["service"] == "sms"
    wanted = {"start": facts["start_utc_ms"], "duration": facts["duration_s"] * 1000, "sequence": facts.get("sequence"),
              "service": facts["service"], "direction": facts["direction"], "node": facts["node"],
              "utc_offset": facts["utc_offset_min"], "volume": facts.get("data_octets")}
    have = dict(got, start=millis(got["start"]), node=(got["node"] or "").lstrip("+"))
    if not is_sms:
        wanted["final"], wanted["cause"] = facts["final"], CAUSE_CS[facts["cause"]]
    if "visited_plmn" in facts:
        wanted["visited_network"] = facts["visited_plmn"]
    if "called_e164" in facts and facts["direction"] != "terminating" and got["called_class"] != "emergency":
        wanted["called"] = facts["called_e164"]
    if facts["direction"] == "terminating":
        wanted["called"] = "+" + facts["msisdn"]
    if facts.get("withheld") and facts["direction"] != "originating":
        wanted.update(calling=None, calling_withheld=True, calling_class="withheld")
    elif facts.get("calling", {}).get("ton") == 1:
        wanted["calling"] = "+" + facts["calling"]["digits"]
    if facts["direction"] == "forwarded":
        wanted["forwarding"] = "+" + facts["msisdn"]
    return [(name, have[name], value) for name, value in wanted.items() if have[name] != value]


def wrong(facts, got):
    """@return what of a usage record is not as the facts say: [(name, got, wanted)]."""
    if "called_class" not in got:
        return wrong_session(facts, got)
    if facts["record"] == "chargingFunctionRecord":  # The facts are of the record, not of its message.
        return [(name, got[name], facts[name]) for name in ("service", "node") if got[name] != facts[name]]
    return wrong_call(facts, got)
