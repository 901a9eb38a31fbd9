// SPDX-License-Identifier: Apache-2.0

/**
 * BER, element by element: tag, length, content (ITU-T X.690 §8.1).
 *
 *     bf 81 48  82 00 e4  …            tag [200] constructed, 228 octets in a long form, content
 *     a9 80  …  00 00                  tag [9] constructed, of indefinite length
 *
 * Reads what writers write and not only what a canonical encoding allows: tags and lengths in more
 * octets than they need, and indefinite lengths, nested to WN_DEPTH. Nothing is copied, nothing is
 * allocated, and no length of the input is believed beyond the octets that are there.
 *
 * What an element means is not known here: `00 00` where none is due comes back as an element of
 * class and tag 0, and whether a value may be constructed is the caller's to say.
 */

#ifndef WINNOW_BER_H
#define WINNOW_BER_H

#include "winnow/error.h"
#include "winnow/slice.h"

WN_C_BEGIN

/** Class of a tag: the first two bits of its first octet. */
enum wn_ber_class {
    WN_BER_UNIVERSAL = 0,
    WN_BER_APPLICATION = 1,
    WN_BER_CONTEXT = 2,
    WN_BER_PRIVATE = 3,
};

/** One element. */
struct wn_tlv {
    uint8_t class_; ///< enum wn_ber_class
    bool constructed;
    bool indefinite;
    uint32_t tag;            ///< Its number, below 2^28.
    struct wn_slice content; ///< Without the end-of-contents octets of an indefinite length.
    size_t whole;            ///< Octets of the whole element: tag, length, content, its end.
};

/**
 * Cut the element at the front of `rest` off.
 *
 * O(1) for a definite length; an indefinite one costs a walk over its content to find its end.
 *
 * @param rest  Moves behind the element; untouched on failure.
 * @param ret   The element, within what was `rest`. With WN_RETRY only `whole` is set: how many
 *              octets it takes at least, or 0 where not even that is known.
 * @return WN_OK; WN_RETRY where `rest` ends within the element (also where it is empty): the caller
 *         knows whether more will come; or WN_REJECT: "bad-ber" (a tag of 2^28 or more, a length of
 *         `ff` or over 62 bits, an indefinite length of a primitive element), "too-deep"
 *         (indefinite lengths nested over WN_DEPTH).
 */
WN_NODISCARD
enum wn_code wn_tlv_next(struct wn_slice *rest, struct wn_tlv *ret, struct wn_error *err);

WN_C_END

#endif
