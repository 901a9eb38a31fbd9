// SPDX-License-Identifier: Apache-2.0

#include "winnow/reason.h"

#include "winnow/base.h"

#define Q WN_FATE_QUARANTINE
#define F WN_FATE_FILTER
#define W WN_FATE_WITHHOLD
#define P WN_FATE_PAUSE
#define S WN_FATE_STOP

/* Remedies that several rows share. */
#define MEND_SOURCE                                                                                \
    "`winnow explain` names the line of the source; mend it, then `winnow quarantine replay "      \
    "--config F`, or sift the input again into a new folder"
#define ASK_SWITCH "Ask the people who run the switch; the sealed record is in quarantine"
#define NOTHING "Nothing: it is counted, and wanted"

static const struct wn_reason_info reasons[WN_REASONS] = {
    [WN_REASON_NONE] = { "none", Q, "No reason.", "", "" },

    [WN_REASON_UNKNOWN_FRAMING] = { "unknown-framing", Q, "A file in no framing that is known.",
                                    "No record is guessed.", "Name the framing in the source" },
    [WN_REASON_FRAME_LOST] = { "frame-lost", Q,
                               "From here on no record can be found; the rest is one piece.",
                               "No record is made up of two.", ASK_SWITCH },
    [WN_REASON_TAP_FILE] = { "tap-file", Q, "A TAP file: settlement, not charging records.",
                             "Partners' records are not billed.", "Do not feed TAP files" },
    [WN_REASON_FOREIGN_ASN1] = { "foreign-asn1", Q, "BER of another module under a known tag.",
                                 "No field is taken for another.", MEND_SOURCE },
    [WN_REASON_UNSUPPORTED_ENCODING] = { "unsupported-encoding", Q,
                                         "PER, XER or another encoding that is not read.",
                                         "No field is guessed.", ASK_SWITCH },
    [WN_REASON_RECORD_CUT] = { "record-cut", Q,
                               "The record ends in the middle, or another one begins in it.",
                               "Nobody is charged for another's use.", ASK_SWITCH },
    [WN_REASON_RECORD_TOO_LONG] = { "record-too-long", Q, "A record of over 16 MiB.",
                                    "One record does not take the memory of all.", ASK_SWITCH },
    [WN_REASON_MESSAGE_TOO_LONG] = { "message-too-long", Q, "A message of over 16 MiB.",
                                     "One message does not take the memory of all.",
                                     "Pack fewer records into a message" },
    [WN_REASON_TOO_DEEP] = { "too-deep", Q, "Nested deeper than 64.",
                             "A hostile record costs itself, not the process.", ASK_SWITCH },
    [WN_REASON_TOO_MANY_FIELDS] = { "too-many-fields", Q, "More than 4,096 names in a record.",
                                    "A hostile record costs itself, not the process.", ASK_SWITCH },
    [WN_REASON_TOO_MANY_ITEMS] = { "too-many-items", Q, "More than 1,024 usage items.",
                                   "A hostile record costs itself, not the process.", ASK_SWITCH },
    [WN_REASON_BAD_BER] = { "bad-ber", Q, "Not BER.", "No field is guessed.", ASK_SWITCH },
    [WN_REASON_JSON_SYNTAX] = { "json-syntax", Q, "Not JSON.", "No field is guessed.", ASK_SWITCH },
    [WN_REASON_DETAIL_SYNTAX] = { "detail-syntax", Q, "Not a detail record.",
                                  "No field is guessed.", ASK_SWITCH },
    [WN_REASON_CSV_QUOTE] = { "csv-quote", Q, "A quote that does not close on its line.",
                              "No column is taken for another.", ASK_SWITCH },
    [WN_REASON_COLUMN_COUNT] = { "column-count", Q, "Another number of columns than the source's.",
                                 "No column is taken for another.",
                                 "List the switch's columns in the source" },
    [WN_REASON_BAD_ENCODING] = { "bad-encoding", Q, "Text that is not in the source's encoding.",
                                 "One user does not get two pseudonyms.",
                                 "Say `text: {else: latin-1}` or `cp1252` in the source where that "
                                 "is so" },
    [WN_REASON_SPREADSHEET_DAMAGED] = { "spreadsheet-damaged", Q,
                                        "Times without seconds, or numbers with an exponent.",
                                        "No bill rests on what a spreadsheet left.",
                                        "Feed the file as the switch wrote it" },
    [WN_REASON_UNKNOWN_RECORD_TYPE] = { "unknown-record-type", Q, "A record type not known.",
                                        "No usage is dropped unseen.", MEND_SOURCE },
    [WN_REASON_UNSUPPORTED_RECORD_TYPE] = { "unsupported-record-type", Q,
                                            "Usage of a type that this version can't read.",
                                            "No usage is dropped unseen.",
                                            "Keep it for a later version" },
    [WN_REASON_MISSING_FIELD] = { "missing-field", Q, "A required field is absent.",
                                  "No incomplete record is billed.", MEND_SOURCE },
    [WN_REASON_DUPLICATE_FIELD] = { "duplicate-field", Q, "A single value stands twice.",
                                    "Readers do not disagree about which one counts.", ASK_SWITCH },
    [WN_REASON_MISSING_SUBSCRIBER] = { "missing-subscriber", Q, "Nobody to charge.",
                                       "Nobody pays for a stranger.", MEND_SOURCE },
    [WN_REASON_BAD_INTEGER] = { "bad-integer", Q, "Not a whole number in range.",
                                "No counter wraps or turns negative.", MEND_SOURCE },
    [WN_REASON_BAD_AMOUNT] = { "bad-amount", Q,
                               "No amount that is whole in millionths, or no currency.",
                               "No price is rounded, and none is in another currency.",
                               MEND_SOURCE },
    [WN_REASON_BAD_BCD] = { "bad-bcd", Q, "A nibble over 9, or a filler in the wrong place.",
                            "No number is guessed.", ASK_SWITCH },
    [WN_REASON_BAD_TIME] = { "bad-time", Q, "Not a time, or before the year 2000.",
                             "Nobody is billed for another day.", MEND_SOURCE },
    [WN_REASON_BAD_IDENTIFIER] = { "bad-identifier", Q,
                                   "No IMSI, IMEI, number, address, user name or network.",
                                   "Nobody is taken for another.", MEND_SOURCE },
    [WN_REASON_VALUE_CUT] = { "value-cut", Q, "A value that its writer cut.",
                              "A cut identifier is not an identifier.", ASK_SWITCH },
    [WN_REASON_TOKEN_SUSPECT] = { "token-suspect", Q, "A label that looks like an identifier.",
                                  "No identifier passes as a label.",
                                  "Map the field to the kind that it is" },
    [WN_REASON_TIME_NONEXISTENT] = { "time-nonexistent", Q, "In the hour that spring skips.",
                                     "No time is made up.", ASK_SWITCH },
    [WN_REASON_LATE] = { "late", Q, "Ended longer ago than the lateness window.",
                         "A record whose duplicates are forgotten is not billed twice.",
                         "Sift it by itself with --as-of, into a new folder" },
    [WN_REASON_FUTURE] = { "future", Q,
                           "Ends further ahead of the clock than `limits: {future: …}`.",
                           "No key period is used before its time.",
                           "Set the clock of the switch" },
    [WN_REASON_DURATION_MISMATCH] = { "duration-mismatch", Q,
                                      "Duration and stamps differ by more than the clock's "
                                      "resolution and `limits: {tolerance: …}`.",
                                      "Nobody is billed for a time that was not.", ASK_SWITCH },
    [WN_REASON_DURATION_IMPLAUSIBLE] = { "duration-implausible", Q,
                                         "A negative duration, or one over its ceiling.",
                                         "Nobody gets a bill for weeks of one call.",
                                         "Ask the people who run the switch; where such ones are "
                                         "real, raise `limits: {duration: …}`" },
    [WN_REASON_VOLUME_IMPLAUSIBLE] = { "volume-implausible", Q,
                                       "More octets than the access could carry.",
                                       "Nobody is billed for a broken counter.",
                                       "Ask the people who run the switch; where the access is "
                                       "faster, raise `limits: {volume: …}`" },
    [WN_REASON_COUNTER_WENT_BACK] = { "counter-went-back", Q,
                                      "A cumulative counter fell while the time rose.",
                                      "No use is billed twice.", ASK_SWITCH },
    [WN_REASON_DUPLICATE_CONFLICT] = { "duplicate-conflict", Q,
                                       "Same duplicate key as an earlier record, other content.",
                                       "Neither version is dropped unseen.",
                                       "Compare both; narrow or widen `duplicate_key`" },
    [WN_REASON_TRANSFORM_FAILED] = { "transform-failed", Q, "A transform refuses the value.",
                                     "Nothing half minimised goes out.", MEND_SOURCE },

    [WN_REASON_ATTEMPT] = { "attempt", F, "Not answered or not delivered.",
                            "Attempts are not billed.", NOTHING },
    [WN_REASON_ZERO_USAGE] = { "zero-usage", F, "No time, volume or event.",
                               "Nothing is not billed.", NOTHING },
    [WN_REASON_OMIT] = { "omit", F, "The switch says: do not bill.", "The switch's own word.",
                         NOTHING },
    [WN_REASON_NOT_USAGE] = { "not-usage", F, "No usage record: a start, a registration.",
                              "Only use is billed.", NOTHING },
    [WN_REASON_OTHER_LEG] = { "other-leg", F, "The leg of a call that is not billed.",
                              "A call is billed once.", NOTHING },
    [WN_REASON_INTERNAL_CALL] = { "internal-call", F, "Both ends lie inside one site.",
                                  "Internal calls are not billed.", NOTHING },
    [WN_REASON_TRUNK] = { "trunk", F, "Traffic between networks.",
                          "Settlement is not a customer's bill.", NOTHING },
    [WN_REASON_COVERED] = { "covered", F, "Another node's record bills it.", "Use is billed once.",
                            NOTHING },
    [WN_REASON_FOREIGN_IMSI] = { "foreign-imsi", F, "An inbound roamer.",
                                 "Not our customer: settlement.", NOTHING },
    [WN_REASON_TEST] = { "test", F, "A test SIM, number or probe.", "Tests are not billed.",
                         NOTHING },
    [WN_REASON_EMERGENCY] = { "emergency", F, "An emergency call.",
                              "Who called for help is nobody's business.", NOTHING },
    [WN_REASON_UNAUTHENTICATED] = { "unauthenticated", F,
                                    "An emergency session without a proven IMSI.",
                                    "It belongs to nobody.", NOTHING },
    [WN_REASON_HELPLINE] = { "helpline", F, "A call to a free helpline, dropped by config.",
                             "Who calls a helpline is nobody's business.", NOTHING },

    [WN_REASON_KEY_MISSING] = { "key-missing", W, "The purpose has no key for the event's period.",
                                "Nothing goes out under no key or another's; other purposes go "
                                "on.",
                                "`winnow keys ensure`, unless the key was destroyed on purpose" },
    [WN_REASON_NOT_FINAL] = { "not-final", W, "A partial record; the purpose takes final ones.",
                              "A session counts once for the purpose.", NOTHING },
    [WN_REASON_LIST_TOO_OLD] = { "list-too-old", W,
                                 "A list (helplines, consent) is older than its limit: numbers go "
                                 "on as their class only; a purpose that needs consent is "
                                 "withheld.",
                                 "No number shows that a newer list would mask, and no consent "
                                 "counts that was withdrawn; all else goes on.",
                                 "Put a newer list in its place; `winnow lists check` says what is "
                                 "wrong with it" },

    [WN_REASON_OFFSET_DIFFERS] = { "offset-differs", P,
                                   "Committed offset and head of the state disagree: offsets were "
                                   "reset or expired.",
                                   "No record is skipped or billed twice in silence.",
                                   "Find out who moved the offset, then `winnow ctl accept-break "
                                   "REASON`" },
    [WN_REASON_STATE_LOST] = { "state-lost", P,
                               "State that is still needed is gone: truncated, recreated, "
                               "damaged.",
                               "Duplicates that can't be seen are not billed.",
                               "Restore the state topic, or `winnow ctl accept-break REASON`" },
    [WN_REASON_INPUT_RECREATED] = { "input-recreated", P,
                                    "The input's records are not those that were read before.",
                                    "No record of the new topic is skipped.",
                                    "`winnow ctl accept-break REASON`" },
    [WN_REASON_INPUT_TRIMMED] = { "input-trimmed", P,
                                  "Records beyond the offset were deleted unread.",
                                  "The loss is said, not skipped.",
                                  "Feed them again, then `winnow ctl accept-break REASON`" },
    [WN_REASON_PARTITION_ADDED] = { "partition-added", P,
                                    "The input has more partitions than its "
                                    "state.",
                                    "Duplicates of one call do not part.",
                                    "Make a new input topic and state; see the manual" },
    [WN_REASON_AFFINITY] = { "affinity", S,
                             "A source without affinity on a topic of several partitions.",
                             "Duplicates on two partitions are not billed twice.",
                             "Use one partition, or say the input's `affinity:` where its writer "
                             "keeps it" },
    [WN_REASON_RULE_CHANGED] = { "rule-changed", P, "The duplicate rule is not that of the state.",
                                 "Old entries do not miss new duplicates.",
                                 "Put the old rule back, or begin a new group" },
    [WN_REASON_BATCH_REFUSED] = { "batch-refused", P,
                                  "The broker refused the same batch three times.",
                                  "Other partitions go on.",
                                  "Raise `message.max.bytes` or give the rights that are named" },
    [WN_REASON_POISON] = { "poison", P,
                           "Too large a share of a source's last records was refused for one "
                           "reason; `sift` ends with status 3.",
                           "Revenue is not diverted into quarantine.",
                           "See what fails with `winnow explain --all`, mend the source, run again "
                           "(`run` reads the mended file by itself); or raise `limits: {poison: "
                           "{share: …}}`, or let it pass with `winnow ctl resume`" },

    [WN_REASON_BY_HAND] = { "by-hand", P, "Somebody paused it, for the reason that stands there.",
                            "What is not to be read yet is not read.",
                            "`winnow ctl resume --partition TOPIC:N`" },

    [WN_REASON_CONFIG] = { "config", S, "Config, policy or a source is wrong.",
                           "Nothing runs under a rule that was not meant.",
                           "Mend what the lines name" },
    [WN_REASON_KEYS] = { "keys", S, "The keys folder can't be used.",
                         "No pseudonym is made with a wrong key.",
                         "`winnow keys init` where there is none yet; else mend what the line "
                         "names" },
    [WN_REASON_REGISTER] = { "register", S, "The register of keys is missing or was changed.",
                             "A destroyed key does not come back.",
                             "Restore the register from its newest copy" },
    [WN_REASON_LOCKED_MEMORY] = { "locked-memory", S, "Memory for keys can't be locked.",
                                  "Keys do not reach the swap.",
                                  "Raise `ulimit -l`, or LimitMEMLOCK= of the unit" },
    [WN_REASON_BROKER_AWAY] = { "broker-away", S, "No broker answers.",
                                "Nothing is taken for done that is not.",
                                "Start the broker, check `bootstrap.servers`" },
    [WN_REASON_BROKER_TRUST] = { "broker-trust", S,
                                 "The broker refuses our password or certificate, or we its "
                                 "certificate.",
                                 "Records go to nobody but the broker that is meant.",
                                 "Mend what the line names; docs/brokers.md" },
    [WN_REASON_REGISTRY] = { "registry", S, "The schema registry gives no id for our schema.",
                             "Nobody reads a record by another schema than it was written by.",
                             "Mend what the line names; docs/brokers.md" },
    [WN_REASON_RIGHTS] = { "rights", S, "The broker denies a right.", "Nothing is half published.",
                           "Give the right that is named; `winnow topics create --config F "
                           "--print-acls` prints all that are needed" },
    [WN_REASON_TOPIC_MISSING] = { "topic-missing", S, "A topic is not there.",
                                  "Nothing is half published.",
                                  "`winnow topics create --config F`" },
    [WN_REASON_NAME_TAKEN] = { "name-taken", S, "Another instance has our name.",
                               "Two of one name do not fence each other for ever.",
                               "Give each instance its own `instance:`" },
    [WN_REASON_FILE_READ] = { "file-read", S, "A file can't be read, or is damaged.",
                              "A batch is whole or not at all.", "Run again when it is there" },
    [WN_REASON_FILE_REFUSED] = { "file-refused", S,
                                 "An archive unpacks to far more than its size lets expect; it is "
                                 "left out, and `sift` ends with 1 after the others.",
                                 "One file does not take the machine.",
                                 "Look at where it comes from; where it is real, unpack it, or "
                                 "raise "
                                 "`files: {unpacked: …, ratio: …}`" },
    [WN_REASON_FILE_WRITE] = { "file-write", S, "A file can't be written: full disk, rights.",
                               "Nothing is half published.",
                               "Make room or give the rights, then run the same command again" },
    [WN_REASON_OUT_LOCKED] = { "out-locked", S, "Another sift works in this folder.",
                               "Two do not write one manifest.", "Wait for it to end" },
    [WN_REASON_INTERNAL] = { "internal", S, "winnow contradicts itself.",
                             "What is not certain is not published.",
                             "Report it with the lines before; nothing was published" },
};

/* What sets several rows. */
#define LATER "nothing yet: BER, which a later version reads"
#define SOURCE_RULE "a source's `filter`"

/** By reason, of those that a record can meet. */
static const char *const setters[WN_REASONS] = {
    [WN_REASON_UNKNOWN_FRAMING] = LATER,
    [WN_REASON_FRAME_LOST] = LATER,
    [WN_REASON_TAP_FILE] = LATER,
    [WN_REASON_FOREIGN_ASN1] = LATER,
    [WN_REASON_UNSUPPORTED_ENCODING] = LATER,
    [WN_REASON_RECORD_CUT] = ("`format: json` and `detail`: another record begins in it; a mapped "
                              "name of `detail` stands twice"),
    [WN_REASON_RECORD_TOO_LONG] = "every format",
    [WN_REASON_MESSAGE_TOO_LONG] = "`run`, before a message is split",
    [WN_REASON_TOO_DEEP] = "`format: json`",
    [WN_REASON_TOO_MANY_FIELDS] = "every format",
    [WN_REASON_TOO_MANY_ITEMS] = "a source's `usage`",
    [WN_REASON_BAD_BER] = LATER,
    [WN_REASON_JSON_SYNTAX] = "`format: json`",
    [WN_REASON_DETAIL_SYNTAX] = "`format: detail`",
    [WN_REASON_CSV_QUOTE] = "`format: csv`, `quote`",
    [WN_REASON_COLUMN_COUNT] = "`format: csv`, `columns` or its header",
    [WN_REASON_BAD_ENCODING] = "texts, where `text: {else: …}` says no other encoding; `encoded`",
    [WN_REASON_SPREADSHEET_DAMAGED] = "`as:` of times and whole numbers",
    [WN_REASON_UNKNOWN_RECORD_TYPE] = "a source's `types`: no entry takes the record",
    [WN_REASON_UNSUPPORTED_RECORD_TYPE] = LATER,
    [WN_REASON_MISSING_FIELD] = ("a source's `required`; the policy's types that are not nullable; "
                                 "an amount without its currency"),
    [WN_REASON_DUPLICATE_FIELD] = "`format: json`: a mapped name stands twice",
    [WN_REASON_MISSING_SUBSCRIBER] = "a source's `subscriber`",
    [WN_REASON_BAD_INTEGER] = "`as:` of counts, durations, octets, scores; `high`; `minus`",
    [WN_REASON_BAD_AMOUNT] = "`as:` of amounts",
    [WN_REASON_BAD_BCD] = LATER,
    [WN_REASON_BAD_TIME] = "`as:` of times and offsets",
    [WN_REASON_BAD_IDENTIFIER] = ("numbers (unless `numbers: {unreadable: class}`), identifiers, "
                                  "networks; a key's part that is no scalar"),
    [WN_REASON_VALUE_CUT] = "`format: detail`: a value without its closing quote",
    [WN_REASON_TOKEN_SUSPECT] = "kinds `token` and `apn`: `@`, nine digits in a row, a MAC address",
    [WN_REASON_TIME_NONEXISTENT] = "local times, unless `clock: {nonexistent: shift}`",
    [WN_REASON_LATE] = "`limits: {lateness: 35d}`",
    [WN_REASON_FUTURE] = "`limits: {future: 1d}`",
    [WN_REASON_DURATION_MISMATCH] = ("`limits: {tolerance: 1s}`, a source's `clock: {resolution: "
                                     "…}`; voice of 0 s whose stamps differ"),
    [WN_REASON_DURATION_IMPLAUSIBLE] = "`limits: {duration: {…}}`",
    [WN_REASON_VOLUME_IMPLAUSIBLE] = "`limits: {volume: {…}}`",
    [WN_REASON_COUNTER_WENT_BACK] = "nothing yet: it needs the state of sessions",
    [WN_REASON_DUPLICATE_CONFLICT] = "a source's `duplicate_key` and `content`",
    [WN_REASON_TRANSFORM_FAILED] = "the policy: a value that a purpose's type can't hold",
    [WN_REASON_ATTEMPT] = SOURCE_RULE,
    [WN_REASON_ZERO_USAGE] = ("voice of 0 s in every source; else " SOURCE_RULE),
    [WN_REASON_OMIT] = SOURCE_RULE,
    [WN_REASON_NOT_USAGE] = SOURCE_RULE,
    [WN_REASON_OTHER_LEG] = SOURCE_RULE,
    [WN_REASON_INTERNAL_CALL] = SOURCE_RULE,
    [WN_REASON_TRUNK] = SOURCE_RULE,
    [WN_REASON_COVERED] = SOURCE_RULE,
    [WN_REASON_FOREIGN_IMSI] = ("`site: {home: […]}` in every source; " SOURCE_RULE),
    [WN_REASON_TEST] = ("`site: {test: {imsi, numbers}}` in every source; " SOURCE_RULE),
    [WN_REASON_EMERGENCY] =
        ("every source: the emergency numbers of the site's country; " SOURCE_RULE),
    [WN_REASON_UNAUTHENTICATED] = SOURCE_RULE,
    [WN_REASON_HELPLINE] = "`lists: {helplines: {free: filter}}`",
};

#undef LATER
#undef SOURCE_RULE
#undef Q
#undef F
#undef W
#undef P
#undef S

const struct wn_reason_info *wn_reason_info(enum wn_reason reason)
{
    return &reasons[reason < WN_REASONS ? reason : WN_REASON_INTERNAL];
}

const char *wn_reason_set_by(enum wn_reason reason)
{
    return reason < WN_REASONS && setters[reason] ? setters[reason] : "";
}

enum wn_reason wn_reason_find(struct wn_slice id)
{
    for (unsigned i = 1; i < WN_REASONS; i++) {
        if (wn_slice_is(id, reasons[i].id)) {
            return (enum wn_reason)i;
        }
    }
    return WN_REASON_NONE;
}
