// SPDX-License-Identifier: Apache-2.0

#include "kafka_trust.h"

#include <stdio.h>
#include <string.h>

/** What OpenSSL finds wrong with a broker's certificate: X509_STORE_CTX_get_error(3). */
static const struct flaw {
    int x509_error;
    const char *what;
    const char *remedy;
} flaws[] = {
    { 2, "is signed by an authority that is not trusted here",
      "name the authority's certificate under ssl.ca.location" },
    { 9, "is not valid yet", "compare this host's clock with the broker's" },
    { 10, "has expired", "renew it on the broker; if it was, set this host's clock" },
    { 18, "is signed by itself", "name it, or its authority's, under ssl.ca.location" },
    { 19, "is signed by an authority that is not trusted here",
      "name the authority's certificate under ssl.ca.location" },
    { 20, "is signed by an authority that is not trusted here",
      "name the authority's certificate under ssl.ca.location" },
    { 21, "is signed by an authority that is not trusted here",
      "name the authority's certificate under ssl.ca.location" },
    { 23, "was revoked", "renew it on the broker" },
    { 62, "is for another name than the one it was reached by",
      "use the name that is in it, under bootstrap.servers and in the broker's "
      "advertised.listeners, or put this name in" },
    { 64, "is for another address than the one it was reached by",
      "use the name that is in it, under bootstrap.servers and in the broker's "
      "advertised.listeners, or put this address in" },
};

/** @return what is wrong; never NULL. */
static const struct flaw *find_flaw(int x509_error)
{
    static const struct flaw other = { 0, "does not hold", "look at it with openssl s_client" };
    for (size_t i = 0; i < WN_COUNT(flaws); i++) {
        if (flaws[i].x509_error == x509_error) {
            return &flaws[i];
        }
    }
    return &other;
}

// NOLINTNEXTLINE(readability-function-size, readability-non-const-parameter): the library's list.
int wn_trust_certificate(rd_kafka_t *client, const char *name, int32_t broker, int *x509_error,
                         int depth, const char *bytes, size_t size, char *why, size_t room,
                         void *context)
{
    (void)client, (void)name, (void)broker, (void)depth, (void)bytes, (void)size, (void)context;
    if (*x509_error == 0) {
        return 1;
    }
    const struct flaw *flaw = find_flaw(*x509_error);
    (void)snprintf(why, room, "the broker's certificate %s; %s", flaw->what, flaw->remedy);
    return 0;
}

/** What the library says, in our words. */
static const struct hint {
    const char *said; ///< Part of it.
    const char *what;
    const char *remedy;
} hints[] = {
    { "certificate required", "wants a certificate of us",
      "name it and its key under ssl.certificate.location and ssl.key.location" },
    { "alert bad certificate", "wants a certificate of us, or refuses ours",
      "see ssl.certificate.location and ssl.key.location" },
    { "alert certificate expired", "refuses our certificate: it has expired",
      "renew the one at ssl.certificate.location" },
    { "alert certificate unknown",
      "refuses our certificate: expired, or signed by an authority "
      "that it does not trust",
      "renew the one at ssl.certificate.location" },
    { "alert unknown ca", "does not trust the authority of our certificate",
      "use one that its ssl.truststore knows at ssl.certificate.location" },
    { "alert handshake failure", "and we have no kind of TLS in common",
      "compare its ssl.enabled.protocols and ssl.cipher.suites with ours" },
    { "unexpected eof while reading", "speaks no TLS at this port",
      "use its port for TLS, or another security.protocol" },
    { "connecting to a PLAINTEXT broker", "speaks no TLS at this port",
      "use its port for TLS, or another security.protocol" },
    { "wrong version number", "speaks no TLS at this port",
      "use its port for TLS, or another security.protocol" },
    { "connecting to a SSL listener", "wants TLS at this port, or is no broker",
      "say security.protocol: SSL or SASL_SSL, as the port wants it" },
    { "Unsupported SASL mechanism", "does not offer this sasl.mechanism",
      "use one that it offers" },
    { "mechanism handshake failed", "does not offer this sasl.mechanism",
      "use one that it offers, at a port for SASL" },
};

static const struct hint *find_hint(const struct wn_trouble *trouble)
{
    for (size_t i = 0; i < WN_COUNT(hints); i++) {
        if (strstr(trouble->text, hints[i].said)) {
            return &hints[i];
        }
    }
    return NULL;
}

bool wn_trouble_is_refusal(const struct wn_trouble *trouble)
{
    return trouble->code == RD_KAFKA_RESP_ERR__AUTHENTICATION || trouble->certificate != 0 ||
           find_hint(trouble) != NULL;
}

static const char *value_of(const struct wn_settings *settings, const char *name)
{
    const struct wn_properties *const lists[] = { &settings->consumer, &settings->kafka };
    for (size_t i = 0; i < WN_COUNT(lists); i++) {
        for (unsigned j = 0; j < lists[i]->n; j++) {
            if (strcmp(lists[i]->list[j].name, name) == 0 && lists[i]->list[j].value) {
                return lists[i]->list[j].value;
            }
        }
    }
    return NULL;
}

static const char *mechanism_of(const struct wn_settings *settings)
{
    const char *mechanism = value_of(settings, "sasl.mechanism");
    mechanism = mechanism ? mechanism : value_of(settings, "sasl.mechanisms");
    return mechanism ? mechanism : "GSSAPI"; // librdkafka's own default.
}

bool wn_kafka_doubt(const struct wn_settings *settings, char ret_sentence[WN_DOUBT])
{
    enum {
        SCRAM_MENDED = 0x02060100 // 2.6.1: librdkafka's change 4895.
    };
    if (rd_kafka_version() >= SCRAM_MENDED ||
        strncmp(mechanism_of(settings), "SCRAM-", strlen("SCRAM-")) != 0) {
        return false;
    }
    (void)snprintf(ret_sentence, WN_DOUBT,
                   "Kafka 4.0 and newer refuse the SCRAM of librdkafka before 2.6.1, and this is "
                   "%s: use a newer one, a certificate, or PLAIN over TLS",
                   rd_kafka_version_str());
    return true;
}

static enum wn_code fail_login(const struct wn_trouble *trouble, const struct wn_settings *settings,
                               const char *brokers, struct wn_error *err)
{
    const struct hint *hint = find_hint(trouble);
    char doubt[WN_DOUBT];
    if (hint) {
        return wn_fail(err, WN_FATAL, "broker-trust", "%.80s: the broker %s (%.20s); %s", brokers,
                       hint->what, mechanism_of(settings), hint->remedy);
    }
    if (wn_kafka_doubt(settings, doubt)) {
        return wn_fail(err, WN_FATAL, "broker-trust", "%.60s: the login is refused; %s", brokers,
                       doubt);
    }
    return wn_fail(err, WN_FATAL, "broker-trust",
                   "%.80s: the login is refused (%.20s): name or password is wrong; see "
                   "sasl.username and the file of sasl.password, and the broker's users",
                   brokers, mechanism_of(settings));
}

enum wn_code wn_trouble_fail(const struct wn_trouble *trouble, const struct wn_settings *settings,
                             int timeout_ms, struct wn_error *err)
{
    const char *brokers = wn_settings_brokers(settings);
    if (trouble->certificate != 0) {
        const struct flaw *flaw = find_flaw(trouble->certificate);
        return wn_fail(err, WN_FATAL, "broker-trust", "%.80s: the broker's certificate %s; %s",
                       brokers, flaw->what, flaw->remedy);
    }
    if (trouble->code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
        return fail_login(trouble, settings, brokers, err);
    }
    const struct hint *hint = find_hint(trouble);
    if (hint) {
        return wn_fail(err, WN_FATAL, "broker-trust", "%.80s: the broker %s; %s", brokers,
                       hint->what, hint->remedy);
    }
    return wn_fail(err, WN_FATAL, "broker-away",
                   "%.80s: no broker answered in %d s; is it running, and may this host reach it?"
                   "%s%.110s",
                   brokers, (timeout_ms + 999) / 1000, trouble->text[0] ? " " : "", trouble->text);
}
