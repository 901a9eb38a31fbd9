// SPDX-License-Identifier: Apache-2.0

/**
 * A record for a purpose as avro-c writes it: every value set generically by the derived schema,
 * its transform done again the plain way. Slow on purpose; shares no code with src/minimise.
 */

#ifndef AVRO_REFERENCE_H
#define AVRO_REFERENCE_H

#include <avro.h>

#include "winnow/policy.h"
#include "winnow/record.h"

/** How the reference gets at a key. */
struct avro_reference {
    struct wn_keyring *keyring;
    const struct wn_purpose *purpose;
    uint32_t period;
    avro_value_iface_t *class;
    avro_value_t value;
};

void avro_reference_init(struct avro_reference *reference, struct wn_keyring *keyring,
                         const struct wn_purpose *purpose, uint32_t period);

void avro_reference_deinit(struct avro_reference *reference);

/** Set all fields of `reference->value`. */
void avro_reference_set(struct avro_reference *reference, const struct wn_record *record);

/** Write it with avro-c. @return the octets written. */
size_t avro_reference_write(const struct avro_reference *reference, char *bytes, size_t capacity);

#endif
