// SPDX-License-Identifier: Apache-2.0

/** Why brokers and we do not trust each other, in words with a remedy. For kafka*.c only. */

#ifndef WINNOW_KAFKA_TRUST_H
#define WINNOW_KAFKA_TRUST_H

#include "kafka_error.h"

/** What hindered a client last; all-zero: nothing. */
struct wn_trouble {
    rd_kafka_resp_err_t code;
    int certificate; ///< What is wrong with the broker's certificate: OpenSSL's X509_V_ERR_…
    char text[256];  ///< What the library said.
};

/** @return whether it will be the same for ever: somebody has to mend it. */
bool wn_trouble_is_refusal(const struct wn_trouble *trouble);

/** Put it into a sentence. @return WN_FATAL: "broker-trust", or "broker-away" where it is none. */
enum wn_code wn_trouble_fail(const struct wn_trouble *trouble, const struct wn_settings *settings,
                             int timeout_ms, struct wn_error *err);

/**
 * rd_kafka_conf_set_ssl_cert_verify_cb(): what OpenSSL found wrong stays wrong; the library's log
 * gets our words for it.
 */
int wn_trust_certificate(rd_kafka_t *client, const char *name, int32_t broker, int *x509_error,
                         int depth, const char *bytes, size_t size, char *why, size_t room,
                         void *context);

#endif
