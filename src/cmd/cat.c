// SPDX-License-Identifier: Apache-2.0

/** `winnow cat`: print usage records, envelopes of quarantine and receipts. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cat_raw.h"
#include "command.h"
#include "text.h"
#include "winnow/container.h"
#include "winnow/io.h"
#include "winnow/quarantine.h"
#include "winnow/reader.h"

enum {
    RECEIPT_MOST = 256 << 20
};

/** What a container begins with. */
static const char container_front[] = "Obj";

/** What is being printed. */
struct printing {
    bool csv;
    struct cmd_cat_raw raw;
    char *header; ///< Of the CSV printed last; files of one kind share it.
    struct wn_buffer out;
};

/** Write out what is ready. */
static enum wn_code flush(struct printing *printing, struct wn_error *err)
{
    size_t put =
        printing->out.len == 0 ? 0 : fwrite(printing->out.at, 1, printing->out.len, stdout);
    if (put != printing->out.len || ferror(stdout)) {
        return wn_fail(err, WN_FATAL, "file-write", "standard output: %s", strerror(errno));
    }
    printing->out.len = 0;
    return WN_OK;
}

/** Begin a CSV, unless the file before had the same columns. @param header  Without newline. */
static void begin_csv(struct printing *printing, const char *header)
{
    if (printing->header && strcmp(printing->header, header) == 0) {
        return;
    }
    wn_freep(&printing->header);
    printing->header = strdup(header);
    wn_buffer_format(&printing->out, "%s\n", header);
}

/** Append an envelope; the sealed bytes as their number only. */
static void add_envelope(struct printing *printing, const struct wn_envelope *envelope)
{
    struct wn_buffer *out = &printing->out;
    char officer[2 * sizeof(envelope->officer) + 1];
    wn_hex(envelope->officer, sizeof(envelope->officer), officer);
    if (printing->csv) {
        cmd_text_csv(out, envelope->reason);
        wn_buffer_text(out, ",");
        cmd_text_csv(out, envelope->source);
        wn_buffer_text(out, ",");
        cmd_text_csv(out, envelope->origin.input);
        wn_buffer_format(out, ",%d,%lld,%d,%d,%d,%s,", envelope->origin.partition,
                         (long long)envelope->origin.offset, envelope->origin.index,
                         envelope->piece, envelope->pieces, officer);
        cmd_text_csv(out, envelope->version);
        wn_buffer_format(out, ",%lld,%zu\n", (long long)envelope->receipt, envelope->sealed.len);
        return;
    }
    wn_buffer_text(out, "{\"reason\":");
    cmd_text_json(out, envelope->reason);
    wn_buffer_text(out, ",\"source\":");
    cmd_text_json(out, envelope->source);
    wn_buffer_text(out, ",\"origin\":{\"input\":");
    cmd_text_json(out, envelope->origin.input);
    wn_buffer_format(out, ",\"partition\":%d,\"offset\":%lld,\"index\":%d},\"piece\":%d,",
                     envelope->origin.partition, (long long)envelope->origin.offset,
                     envelope->origin.index, envelope->piece);
    wn_buffer_format(out, "\"pieces\":%d,\"officer\":\"%s\",\"version\":", envelope->pieces,
                     officer);
    cmd_text_json(out, envelope->version);
    wn_buffer_format(out, ",\"receipt\":%lld,\"sealed\":%zu}\n", (long long)envelope->receipt,
                     envelope->sealed.len);
}

/** Append the record at the front of `rest`, and move on. */
static enum wn_code add_record(struct printing *printing, struct wn_avro_reader *avro,
                               bool is_envelope, struct wn_slice *rest, struct wn_error *err)
{
    const struct wn_slice before = *rest;
    enum wn_code rc;
    if (is_envelope) {
        struct wn_envelope envelope;
        rc = wn_avro_reader_json(avro, rest, NULL, err);
        if (rc == WN_OK) {
            rc = wn_envelope_read((struct wn_slice){ before.at, before.len - rest->len }, &envelope,
                                  err);
        }
        if (rc == WN_OK) {
            add_envelope(printing, &envelope);
        }
        return rc;
    }
    rc = printing->csv ? wn_avro_reader_csv(avro, rest, &printing->out, err)
                       : wn_avro_reader_json(avro, rest, &printing->out, err);
    wn_buffer_text(&printing->out, "\n");
    return rc;
}

static enum wn_code print_header(struct printing *printing, struct wn_avro_reader *avro,
                                 bool is_envelope, struct wn_error *err)
{
    if (is_envelope) {
        begin_csv(printing, "reason,source,origin.input,origin.partition,origin.offset,"
                            "origin.index,piece,pieces,officer,version,receipt,sealed");
        return WN_OK;
    }
    struct wn_buffer header = { 0 };
    enum wn_code rc = wn_avro_reader_csv_header(avro, &header, err);
    wn_buffer_add(&header, "", 1);
    if (rc == WN_OK) {
        begin_csv(printing, (const char *)header.at);
    }
    wn_buffer_deinit(&header);
    return rc;
}

/** Print all blocks of a container. */
static enum wn_code print_blocks(struct printing *printing, struct wn_container_reader *reader,
                                 struct wn_avro_reader *avro, struct wn_error *err)
{
    const bool is_envelope = strcmp(wn_container_schema(reader), wn_quarantine_schema()) == 0;
    if (printing->csv && print_header(printing, avro, is_envelope, err) != WN_OK) {
        return err->code;
    }
    for (;;) {
        struct wn_slice block;
        uint64_t n = 0;
        if (wn_container_block(reader, &block, &n, err) != WN_OK) {
            return err->code;
        }
        if (n == 0) {
            return flush(printing, err);
        }
        for (uint64_t i = 0; i < n; i++) {
            if (add_record(printing, avro, is_envelope, &block, err) != WN_OK) {
                return err->code;
            }
        }
        if (flush(printing, err) != WN_OK) {
            return err->code;
        }
    }
}

static enum wn_code print_container(struct printing *printing, const char *path,
                                    struct wn_error *err)
{
    struct wn_container_reader *reader = NULL;
    struct wn_avro_reader *avro = NULL;
    if (wn_container_open(path, &reader, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = wn_avro_reader_open(wn_container_schema(reader), &avro, err);
    if (rc == WN_OK) {
        rc = print_blocks(printing, reader, avro, err);
    }
    if (rc != WN_OK && strcmp(err->reason, "file-read") == 0 && !strstr(err->text, path)) {
        wn_context(err, "%s", path);
    }
    wn_avro_reader_close(avro);
    wn_container_reader_close(reader);
    return rc;
}

/** Print a receipt as it was published, or taken apart. */
static enum wn_code print_receipt(struct printing *printing, const char *path, struct wn_error *err)
{
    struct wn_buffer bytes = { 0 };
    enum wn_code rc = wn_io_read(path, RECEIPT_MOST, &bytes, err);
    if (rc == WN_OK && printing->csv) {
        begin_csv(printing, "receipt,member,value");
        if (!cmd_text_receipt_csv(&printing->out, wn_buffer_slice(&bytes))) {
            rc = wn_fail(err, WN_FATAL, "file-read", "%s: neither a container nor a receipt", path);
        }
    } else if (rc == WN_OK) {
        wn_buffer_add(&printing->out, bytes.at, bytes.len);
        if (bytes.at[bytes.len - 1] != '\n') {
            wn_buffer_text(&printing->out, "\n");
        }
    }
    wn_buffer_deinit(&bytes);
    return rc == WN_OK ? flush(printing, err) : rc;
}

/** Write out one line of a raw file. */
static enum wn_code put_line(void *context, struct wn_slice line, struct wn_error *err)
{
    struct printing *printing = context;
    wn_buffer_add(&printing->out, line.at, line.len);
    return flush(printing, err);
}

/** Print one file, whichever it is. */
static enum wn_code print_file(struct printing *printing, const char *path, struct wn_error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: %s", path, strerror(errno));
    }
    char front[sizeof(container_front)] = { 0 };
    const size_t n = fread(front, 1, sizeof(front) - 1, file);
    fclose(file);
    if (front[0] == '{') {
        return print_receipt(printing, path, err);
    }
    if (n == 0 || front[0] == container_front[0]) {
        return print_container(printing, path, err);
    }
    if (printing->csv) {
        return wn_fail(
            err, WN_FATAL, "file-read",
            "%s: neither a container nor a receipt; raw records are printed as JSON only", path);
    }
    return cmd_cat_raw(&printing->raw, path, put_line, printing, err);
}

int cmd_cat(int argc, char **argv)
{
    struct printing printing = { 0 };
    const struct cmd_option options[] = {
        { "csv", NULL, "CSV with a header row in place of JSON lines.", NULL, &printing.csv },
        { "show-values", NULL, "Raw records with their values, not their shapes.", NULL,
          &printing.raw.values },
        { "octets", NULL, "Octet strings of raw records in hexadecimal.", NULL,
          &printing.raw.octets },
    };
    const struct cmd_usage usage = {
        "cat", "[--csv] [--show-values] [--octets] FILE...",
        "Print what FILEs hold: usage records, envelopes of quarantine (their sealed bytes as a\n"
        "number only) and receipts, as JSON lines or CSV. A receipt's CSV has a row for each\n"
        "number and text in it: receipt, member, value. Charging records of 3GPP in BER are "
        "printed by\n"
        "the standard's names, with the shapes of their values.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n == 0) {
        return cmd_wrong(&usage, "at least one FILE is needed");
    }
    struct wn_error err = { 0 };
    enum wn_code rc = WN_OK;
    for (int i = 1; rc == WN_OK && i <= n; i++) {
        rc = print_file(&printing, argv[i], &err);
    }
    if (rc == WN_OK && fflush(stdout) != 0) {
        rc = wn_fail(&err, WN_FATAL, "file-write", "standard output: %s", strerror(errno));
    }
    wn_freep(&printing.header);
    wn_buffer_deinit(&printing.out);
    return rc == WN_OK ? CMD_DONE : cmd_failed(&err);
}
