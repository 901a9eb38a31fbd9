// SPDX-License-Identifier: Apache-2.0

/*
 * A purpose's program: one step an output, in the order of the derived schema. Each says in one
 * octet how to write what kind, transform, Avro type and made field describe together, and in
 * another what to check of it, so that each of the two has one switch and reads little memory.
 */

#include "winnow/policy.h"

/** How a kept value is written: as its Avro type has it. */
static enum wn_op kept_op(const struct wn_output *output)
{
    if (output->kind == WN_KIND_NUMBER) {
        return WN_OP_NUMBER;
    }
    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
        return WN_OP_BOOLEAN;
    case WN_AVRO_INT:
    case WN_AVRO_LONG:
    case WN_AVRO_ENUM:
        return WN_OP_LONG;
    case WN_AVRO_STRING:
    case WN_AVRO_BYTES:
        return WN_OP_TEXT;
    case WN_AVRO_FIXED:
    case WN_AVRO_ENUMS:
    case WN_AVRO_ORIGIN:
    case WN_AVRO_ITEMS:
        break;
    }
    return WN_OP_NONE;
}

static enum wn_op slot_op(const struct wn_output *output)
{
    switch (output->transform) {
    case WN_TRANSFORM_KEEP:
        return kept_op(output);
    case WN_TRANSFORM_PSEUDONYM:
        return output->kind == WN_KIND_SUBSCRIBER ? WN_OP_SUBSCRIBER : WN_OP_PSEUDONYM;
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
        return WN_OP_MADE_LONG;
    case WN_TRANSFORM_CLASS:
        return WN_OP_CLASS;
    case WN_TRANSFORM_SHIELDED:
        return WN_OP_SHIELDED;
    case WN_TRANSFORM_WITHHELD:
        return WN_OP_WITHHELD;
    case WN_TRANSFORM_DESTINATION:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
        return WN_OP_MADE_TEXT;
    case WN_TRANSFORM_PREFIX:
        return WN_OP_PREFIX;
    case WN_TRANSFORMS:
        break;
    }
    return WN_OP_NONE;
}

static enum wn_op made_op(const struct wn_output *output)
{
    switch (output->made) {
    case WN_MADE_RECORD_ID:
        return WN_OP_RECORD_ID;
    case WN_MADE_ORIGIN:
        return WN_OP_ORIGIN;
    case WN_MADE_SOURCE:
        return WN_OP_SOURCE;
    case WN_MADE_NODE:
        return WN_OP_NODE;
    case WN_MADE_KEY_ID:
        return WN_OP_KEY_ID;
    case WN_MADE_SUBSCRIBER_KIND:
        return WN_OP_SUBSCRIBER_KIND;
    case WN_MADE_SESSION:
        return WN_OP_SESSION;
    case WN_MADE_FLAGS:
        return WN_OP_FLAGS;
    case WN_MADE_NOT:
    case WN_MADE_OTHER:
        break;
    }
    return output->avro == WN_AVRO_ITEMS ? WN_OP_ITEMS : WN_OP_NONE;
}

/** What a kept value must be to fit its Avro type, and to be shown at all. */
static enum wn_value_check kept_check(const struct wn_output *output)
{
    if (output->kind == WN_KIND_NUMBER) {
        return WN_CHECK_NUMBER;
    }
    if (output->kind == WN_KIND_TOKEN || output->kind == WN_KIND_APN) {
        return WN_CHECK_LABEL;
    }
    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
        return WN_CHECK_FLAG;
    case WN_AVRO_INT:
        return WN_CHECK_INT;
    case WN_AVRO_ENUM:
        return WN_CHECK_SYMBOL;
    case WN_AVRO_LONG:
    case WN_AVRO_STRING:
    case WN_AVRO_BYTES:
    case WN_AVRO_FIXED:
    case WN_AVRO_ENUMS:
    case WN_AVRO_ORIGIN:
    case WN_AVRO_ITEMS:
        break;
    }
    return WN_CHECK_NONE;
}

static enum wn_value_check slot_check(const struct wn_output *output)
{
    switch (output->transform) {
    case WN_TRANSFORM_KEEP:
        return kept_check(output);
    case WN_TRANSFORM_PSEUDONYM: // A number without digits still has its class.
        return output->kind == WN_KIND_SUBSCRIBER || output->kind == WN_KIND_NUMBER
                   ? WN_CHECK_NONE
                   : WN_CHECK_FILLED;
    case WN_TRANSFORM_CLASS:
    case WN_TRANSFORM_DESTINATION:
        return WN_CHECK_CLASS;
    case WN_TRANSFORM_NETWORK:
        return WN_CHECK_IMSI;
    case WN_TRANSFORM_MODEL:
        return WN_CHECK_IMEI;
    case WN_TRANSFORM_PREFIX:
        return WN_CHECK_ADDRESS;
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
    case WN_TRANSFORM_SHIELDED:
    case WN_TRANSFORM_WITHHELD:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORMS:
        break;
    }
    return WN_CHECK_NONE;
}

/** @return whether an absent value still gives something. */
static bool may_be_absent(const struct wn_output *output, enum wn_op op, bool item)
{
    switch (output->transform) {
    case WN_TRANSFORM_CLASS:
    case WN_TRANSFORM_DESTINATION:
    case WN_TRANSFORM_SHIELDED:
    case WN_TRANSFORM_WITHHELD:
        return true;        // That there is no number.
    case WN_TRANSFORM_KEEP: // An item's flag that the source does not write is false.
        return output->nullable || (item && op == WN_OP_BOOLEAN);
    case WN_TRANSFORM_PSEUDONYM:
        return output->nullable || op == WN_OP_SUBSCRIBER;
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
    case WN_TRANSFORM_PREFIX:
    case WN_TRANSFORMS:
        break;
    }
    return output->nullable;
}

/** @return the slots that must be present. */
static uint64_t compile(const struct wn_output *outputs, unsigned n, bool item,
                        struct wn_plan_step *ret_steps, struct wn_plan_checks *ret_checks)
{
    uint64_t required = 0;

    ret_checks->n = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct wn_output *output = &outputs[i];
        const bool filled = output->kind == WN_KIND_NONE;
        const enum wn_op op = filled ? made_op(output) : slot_op(output);
        ret_steps[i] = (struct wn_plan_step){
            .op = (uint8_t)op,
            .slot = filled || op == WN_OP_SUBSCRIBER ? 0 : output->slot,
            .nullable = output->nullable,
            .check = (uint8_t)(filled ? WN_CHECK_NONE : slot_check(output)),
            .n_symbols = output->n_symbols,
        };
        if (ret_steps[i].check != WN_CHECK_NONE) {
            ret_checks->steps[ret_checks->n++] = (uint8_t)i;
        }
        if (!filled && !may_be_absent(output, op, item)) {
            required |= UINT64_C(1) << output->slot;
        }
    }
    return required;
}

void wn_purpose_compile(struct wn_purpose *purpose)
{
    purpose->required =
        compile(purpose->outputs, purpose->n_outputs, false, purpose->steps, &purpose->checks);
    purpose->item_required = (uint32_t)compile(purpose->items, purpose->n_items, true,
                                               purpose->item_steps, &purpose->item_checks);
}
