// SPDX-License-Identifier: Apache-2.0

/**
 * winnow.yaml, typed: what every command reads of it.
 */

#ifndef WINNOW_SETTINGS_H
#define WINNOW_SETTINGS_H

#include "winnow/config.h"
#include "winnow/judge.h"
#include "winnow/keyring.h"
#include "winnow/secret.h"
#include "winnow/site.h"
#include "winnow/unpack.h"

/** A librdkafka property, handed over as it stands; a secret is read where a client is opened. */
struct wn_property {
    const char *name;
    const char *value; ///< NULL: it is a secret.
    struct wn_secret_place secret;
    unsigned line;
};

struct wn_properties {
    const struct wn_property *list;
    unsigned n;
};

/** `inputs:` entry. */
struct wn_input {
    const char *topic;
    const char *source; ///< Name of a source.
    int affinity;       ///< enum wn_affinity, or -1: as the source says.
    unsigned line;
};

/** `registry:` */
struct wn_registry_settings {
    const char *url;                 ///< Without a slash at its end; NULL: there is none.
    const char *user;                ///< NULL: none is said.
    struct wn_secret_place password; ///< Of the user.
    const char *authorities;         ///< `ca:`, a file; NULL: the system's.
    bool enters;                     ///< `register: on`: schemas that are not there are registered.
    int64_t timeout_ms;              ///< Of one question; 5 s.
};

/** `lists:` */
struct wn_list_settings {
    const char *helplines;      ///< NULL: the policy's, else the shipped one.
    int64_t helplines_limit_ms; ///< How old its file may be; 0: as old as it is.
    const char *portability;    ///< Whose network a number is of; NULL: unsaid.
    bool filters_free;          ///< `free: filter`: a call to a free helpline is filtered.
};

enum {
    WN_WORKERS = 256, ///< Of a process, at most.
};

/**
 * The whole file; relative paths are taken from the config's folder.
 *
 *     site:   {country, home, zone, test: {imsi, numbers}}
 *     policy: DIR
 *     keys:   {dir, kek, register}
 *     consent: FILE
 *     lists:  {helplines: FILE} or {helplines: {file, limit, free}}
 *     limits: {lateness, future, consent, tolerance, poison: {share, least},
 *              duration: {voice, sms, fax, other, data, session},
 *              volume: {rate, mobile, least, most}}
 *     files:  {batch, unpacked, ratio}
 *     kafka: {…}  kafka.consumer: {…}  kafka.producer: {…}
 *     (a secret of them: {file: F} or {credential: NAME})
 *     group: NAME  instance: NAME
 *     inputs: [{topic, source, affinity}]
 *     http:   {listen: ADDRESS:PORT} or off
 *     registry: {url, user, password: {file}, ca, register, timeout}
 *     run:    {workers, commit: {records, ms}, receipt: {records, ms}, state: DIR, runs: 1h, held:
 * 4000000, sandbox: on}
 */
struct wn_settings {
    const char *file; ///< NULL: no config was given.
    struct wn_site site;
    const char *policy; ///< Folder.
    struct wn_key_paths keys;
    struct wn_limits limits; ///< Without a clock.
    const char *consent;     ///< Its file; NULL: nobody has consented.
    int64_t
        consent_ms; ///< `limits: {consent: 60s}`: how long a version counts that is not the file's.
    struct wn_list_settings lists;
    struct wn_unpack_limits unpack; ///< `files: {unpacked: 256GiB, ratio: 500}`: of an archive.
    int64_t batch_bytes; ///< `files: {batch: 256MiB}`: unpacked, least size of a batch of sift.
    struct wn_properties kafka, consumer, producer;
    const char *group;    ///< "winnow".
    const char *instance; ///< Made from the machine id where not configured; "": there is none.
    const struct wn_input *inputs;
    unsigned n_inputs;
    unsigned workers;        ///< From 1 to WN_WORKERS.
    int64_t commit_records;  ///< 50000.
    int64_t commit_ms;       ///< 500.
    int64_t receipt_records; ///< 50000.
    int64_t receipt_ms;      ///< 60000.
    int64_t state_ms;        ///< `run: {runs: 1h}`: how often runs are written.
    int64_t state_held;    ///< `run: {held: 4000000}`: entries of the duplicate state in memory, of
                           ///< 32 octets, at which runs are written whatever the time.
    bool no_sandbox;       ///< `run: {sandbox: off}`: for debugging.
    const char *state_dir; ///< `run: {state: DIR}`: mapped runs and the control socket `DIR/ctl`.
    const char *http_listen; ///< `http: {listen: 127.0.0.1:9464}`: where metrics and status page
                             ///< are served; NULL: `http: off`.
    struct wn_registry_settings registry;
    struct wn_arena arena; ///< Holds all texts.
};

/**
 * Read a config; NULL: the defaults alone (policy: the installed share folder).
 *
 * Every fault goes to `faults` with its line. What winnow owns under `kafka:` is refused with the
 * reason.
 *
 * @param ret_settings  To be given to wn_settings_deinit(), also where there were faults.
 * @return false where there were faults.
 */
WN_NODISCARD
bool wn_settings_read(const char *file, struct wn_faults *faults, struct wn_settings *ret_settings);

/** Look whether each secret that the settings name can be read now; what can't is a fault. */
void wn_settings_check_secrets(const struct wn_settings *settings, struct wn_faults *faults);

/** @return the brokers that `kafka:` names, for messages; a sentence in brackets where it names
 * none. */
const char *wn_settings_brokers(const struct wn_settings *settings);

/** Give the memory back. */
void wn_settings_deinit(struct wn_settings *settings);

/** Path of a source's file: `POLICY/sources/NAME.yaml`, else the installed one; in the settings'
 * arena; NULL: none, and a fault. */
const char *wn_settings_source(struct wn_settings *settings, const char *name,
                               struct wn_faults *faults);

/** @return the list of helplines: the configured one, else `POLICY/lists/helplines.csv` where that
 * is there, else the installed one; in the settings' arena. */
const char *wn_settings_helplines(struct wn_settings *settings);

#endif
