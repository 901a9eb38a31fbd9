// SPDX-License-Identifier: Apache-2.0

/**
 * What sift reads: the list of inputs, the content of one (its hash, in a first pass), and its
 * bytes piece by piece (in a second one).
 */

#ifndef WINNOW_FILES_INPUT_H
#define WINNOW_FILES_INPUT_H

#include "winnow/arena.h"
#include "winnow/error.h"
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/unpack.h"

/** A file to be read. */
struct wn_input_file {
    const char *name; ///< As the user gave it, for messages; `-` is "standard input".
    unsigned place;   ///< Of the argument that named it, from 1.
    int spool;        ///< Descriptor of the spooled standard input; -1: open `name`.
    uint64_t size;    ///< As it lies on the disk [octets].
    struct wn_unpack_limits limits;
};

/** The list; all-zero is empty. */
struct wn_input_list {
    struct wn_input_file *list;
    size_t n, capacity;
    uint64_t size;                  ///< Of all [octets on the disk].
    struct wn_unpack_limits limits; ///< Of those that are added; all-zero: the defaults.
    uint64_t left_out;              ///< What lies in a folder and is no file: folders above all.
    struct wn_arena arena;
};

/**
 * Add an argument: a file; a folder, whose regular files are added by name (not those that begin
 * with a dot, which are being written, and not those in folders in it, which are counted); or `-`,
 * standard input, which is first spooled to an unlinked file of mode 0600 in `spool_folder`.
 *
 * @return WN_OK, or WN_FATAL: "file-read" (it can't be read), "file-write" (it can't be spooled).
 */
WN_NODISCARD
enum wn_code wn_input_list_add(struct wn_input_list *inputs, const char *argument, unsigned place,
                               const char *spool_folder, struct wn_error *err);

/** Close what was spooled and give the memory back. */
void wn_input_list_deinit(struct wn_input_list *inputs);

/** A content that was hashed, and how to know it again. */
struct wn_content {
    char sha256[WN_SHA256_HEX];      ///< Of the unpacked octets.
    uint8_t digest[WN_SHA256_BYTES]; ///< The same.
    uint64_t bytes;                  ///< Unpacked.
    uint32_t crc;                    ///< CRC-32C of the unpacked octets.
    struct wn_stamp stamp;           ///< Of the file that it was read from.
};

/** Where the bytes of an input are read to; all-zero is empty. One serves all inputs. */
struct wn_window {
    char *at;
    size_t capacity;
    size_t used_most; ///< What must be wiped.
};

/** Wipe it: raw records were in it. */
void wn_window_wipe(struct wn_window *window);

/** Wipe it and give the memory back. */
void wn_window_deinit(struct wn_window *window);

/** Read an input once, and say what its content is. WN_REJECT: "file-refused"; WN_FATAL:
 * "file-read".
 */
WN_NODISCARD
enum wn_code wn_content_hash(const struct wn_input_file *input, struct wn_window *window,
                             struct wn_content *ret_content, struct wn_error *err);

/**
 * Take bytes off the front of `rest`; what is left comes again, with more behind it.
 *
 * @param begin  These are the content's first.
 * @param end    These are its last: all must be taken.
 */
typedef enum wn_code wn_content_visit(void *context, bool begin, struct wn_slice *rest, bool end,
                                      struct wn_error *err);

/**
 * Read an input again, and hand its bytes on. Where it is no longer the content that was hashed,
 * the read fails, at its end at the latest.
 *
 * @return what `visit` returned, or WN_FATAL: "file-read" (also: it changed meanwhile).
 */
WN_NODISCARD
enum wn_code wn_content_read(const struct wn_input_file *input, const struct wn_content *content,
                             struct wn_window *window, wn_content_visit *visit, void *context,
                             struct wn_error *err);

/** Read an input once and hand its bytes on, without a hash: for who only looks. @return as
 * wn_content_read(). */
WN_NODISCARD
enum wn_code wn_content_look(const struct wn_input_file *input, struct wn_window *window,
                             wn_content_visit *visit, void *context, struct wn_error *err);

#endif
