#!/bin/sh
# From a fresh Debian 12 or 13 to three records before and after: installs what is missing, builds,
# makes keys in ./quickstart, sifts the sample records. Needs no Kafka. May be run again at will.
set -eu
cd "$(dirname "$0")"
# shellcheck source=contrib/setup.sh
. contrib/setup.sh

# shellcheck disable=SC2086
need_packages $build_packages
build build --buildtype=release -Db_lto=true -Dtests=disabled

winnow=build/src/winnow
here=quickstart
samples=contrib/samples
out=$here/out
# Keys are refused to anybody but their owner; so is what an earlier run by somebody else left.
if [ -e "$here" ] && ! [ -O "$here" ]; then
    [ "$(id -u)" = 0 ] || die "$here/ was made by another user: remove it (sudo rm -rf $here), then run this again."
    chown -R "$(id -u):$(id -g)" "$here"
fi
mkdir -p "$here"
chmod 0700 "$here"
if [ ! -d "$here/keys" ]; then
    rm -f "$here"/keys.* "$here"/officer.key
    "$winnow" keys init --keys "$here/keys" --policy schemas >/dev/null
fi
"$winnow" keys ensure --keys "$here/keys" --policy schemas --from 2026-01 --to 2026-12 >/dev/null

rm -rf "$out"
sift() { # SOURCE FILE…
    source=$1
    shift
    "$winnow" sift --config $samples/winnow.yaml --policy schemas --keys "$here/keys" \
        --consent $samples/consent.csv --source "$source" --out "$out" "$@" >/dev/null
}
sift freeswitch-json $samples/freeswitch/cdr.jsonl $samples/freeswitch/old.json
sift freeradius-detail $samples/freeradius/radacct/*

say
say '── Three records, before and after ──────────────────────────────────────────────────────────'
# Print the raw record at an offset of a file, and the usage record that came of it.
show() { # FILE OFFSET TYPE
    digest=$(sha256sum <"$1" | cut -c1-64)
    say
    say "BEFORE  $1, octet $2 (what a switch wrote, of which most is nobody's business)"
    tail -c +"$(($2 + 1))" "$1" | awk 'NR > 1 && /^$/ { exit } /^{/ && NR > 1 { exit } { print }' | cut -c1-1200 | fold -w 110 | sed 's/^/    /' | head -n 14
    say '    …'
    say 'AFTER   what billing gets'
    "$winnow" cat "$out"/usage.billing."$3"/*.avro |
        grep -F "\"input\":\"$digest\"" | grep -F "\"offset\":$2," | fold -w 110 | sed 's/^/    /'
}
offset_of() { # FILE TYPE N: offset of the n-th usage record that came of a file
    digest=$(sha256sum <"$1" | cut -c1-64)
    "$winnow" cat "$out"/usage.billing."$2"/*.avro | grep -F "\"input\":\"$digest\"" |
        sed -n "$3s/.*\"offset\":\([0-9]*\).*/\1/p"
}
calls=$samples/freeswitch/cdr.jsonl
fixed=$samples/freeradius/radacct/127.0.0.41/detail-20261025
mobile=$samples/freeradius/radacct/127.0.0.42/detail-20261025
show $calls "$(offset_of $calls call 1)" call
show $fixed "$(offset_of $fixed session 1)" session
show $mobile "$(offset_of $mobile session 1)" session

say
say '── What insight gets of the first: its caller has consented (contrib/samples/consent.csv) ────'
"$winnow" cat "$out"/usage.insight.call/*.avro | head -n 1 | fold -w 110 | sed 's/^/    /'

say
say '── The signed receipts: every record that went in is accounted for ──────────────────────────'
say '    (without the names of raw fields that nobody wants, `drift`)'
"$winnow" cat "$out"/receipts/*.json | sed 's/"drift":{[^}]*},//' | fold -w 110 | sed 's/^/    /'

say
say '── What was refused, and why (sealed to the privacy officer) ────────────────────────────────'
"$winnow" quarantine list "$out" | sed 's/^/    /'

say
say '── Is it all as the receipts say? ───────────────────────────────────────────────────────────'
"$winnow" audit "$out" --public-key "$here/keys/signing.pub" | sed 's/^/    /'

say
say "Usage records   $out/usage.billing.call, $out/usage.billing.session (winnow cat FILE)"
say "Receipts        $out/receipts"
say "Quarantine      $out/quarantine (winnow quarantine show $out --officer-key $here/keys.officer.key)"
say "Keys            $here/keys, and beside it keys.kek, keys.register, keys.officer.key"
say "Insight         $out/usage.insight.call: of who consented. Who gets what: $winnow policy show --policy schemas"
