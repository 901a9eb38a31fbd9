// SPDX-License-Identifier: Apache-2.0

/*
 * Tables:
 *
 *     facts    name → value                               what must not change
 *     batches  number → id, receipt
 *     inputs   sha256 → batch, place, octets, records     contents that were sifted
 *     receipts number → sha256                            the chain
 *     files    receipt, place → aside, file, sha256, records
 *
 * A rollback journal rather than a log beside it: a batch is minutes of work, so the commit's cost
 * does not count, and the folder holds one file that can be copied. `synchronous=EXTRA` syncs the
 * folder too after the journal is gone: without it a power cut could bring the journal back, and
 * undo a commit whose files already have their names.
 */

#include "winnow/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

enum {
    VERSION = 1,
    BUSY_MS = 5000, ///< How long to wait for an auditor who reads.
};

struct wn_manifest {
    sqlite3 *db;
    char *path;
    bool read_only;
};

/** A value of a statement: a text, or where that is NULL a number. */
struct bind {
    const char *text;
    uint64_t number;
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " receipt INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS inputs (sha256 TEXT PRIMARY KEY, batch INTEGER NOT NULL,"
    " place INTEGER NOT NULL, bytes INTEGER NOT NULL, records INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS receipts (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS files (receipt INTEGER NOT NULL, place INTEGER NOT NULL,"
    " aside TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT NULL,"
    " PRIMARY KEY (receipt, place)) WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

static enum wn_code fail(const struct wn_manifest *manifest, struct wn_error *err)
{
    const int code = manifest->db ? sqlite3_errcode(manifest->db) & 0xff : SQLITE_NOMEM;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: is damaged (%s); bring the whole folder back from one backup, or sift "
                       "into a new --out",
                       manifest->path, sqlite3_errmsg(manifest->db));
    }
    return wn_fail(err, WN_FATAL, manifest->read_only ? "file-read" : "file-write", "%s: %s",
                   manifest->path, manifest->db ? sqlite3_errmsg(manifest->db) : "out of memory");
}

static enum wn_code execute(struct wn_manifest *manifest, const char *sql, struct wn_error *err)
{
    return sqlite3_exec(manifest->db, sql, NULL, NULL, NULL) == SQLITE_OK ? WN_OK
                                                                          : fail(manifest, err);
}

/** Prepare a statement and bind its values; the caller finalizes it, also on failure. */
static enum wn_code prepare(struct wn_manifest *manifest, const char *sql, const struct bind *binds,
                            size_t n_binds, sqlite3_stmt **ret_statement, struct wn_error *err)
{
    *ret_statement = NULL;
    if (sqlite3_prepare_v2(manifest->db, sql, -1, ret_statement, NULL) != SQLITE_OK) {
        return fail(manifest, err);
    }
    for (size_t i = 0; i < n_binds; i++) {
        int place = (int)i + 1;
        int rc = binds[i].text
                     ? sqlite3_bind_text(*ret_statement, place, binds[i].text, -1, SQLITE_STATIC)
                     : sqlite3_bind_int64(*ret_statement, place, (sqlite3_int64)binds[i].number);
        if (rc != SQLITE_OK) {
            return fail(manifest, err);
        }
    }
    return WN_OK;
}

/** Run a statement that gives no rows. */
static enum wn_code put(struct wn_manifest *manifest, const char *sql, const struct bind *binds,
                        size_t n_binds, struct wn_error *err)
{
    sqlite3_stmt *statement;
    enum wn_code rc = prepare(manifest, sql, binds, n_binds, &statement, err);
    if (rc == WN_OK && sqlite3_step(statement) != SQLITE_DONE) {
        rc = fail(manifest, err);
    }
    sqlite3_finalize(statement);
    return rc;
}

static enum wn_code read_version(struct wn_manifest *manifest, int *ret_version,
                                 struct wn_error *err)
{
    sqlite3_stmt *statement;
    enum wn_code rc = prepare(manifest, "PRAGMA user_version", NULL, 0, &statement, err);
    if (rc == WN_OK && sqlite3_step(statement) != SQLITE_ROW) {
        rc = fail(manifest, err);
    }
    if (rc == WN_OK) {
        *ret_version = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return rc;
}

static enum wn_code begin(struct wn_manifest *manifest, struct wn_error *err)
{
    int version = 0;
    sqlite3_busy_timeout(manifest->db, BUSY_MS);
    if (!manifest->read_only &&
        execute(manifest, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;", err) !=
            WN_OK) {
        return err->code;
    }
    if (read_version(manifest, &version, err) != WN_OK) {
        return err->code;
    }
    if (version > VERSION || (manifest->read_only && version != VERSION)) {
        return wn_fail(err, WN_FATAL, manifest->read_only ? "file-read" : "file-write",
                       "%s: is not a manifest of this version", manifest->path);
    }
    if (version == VERSION) {
        return WN_OK;
    }
    if (execute(manifest, "BEGIN IMMEDIATE", err) != WN_OK ||
        execute(manifest, tables, err) != WN_OK) {
        return err->code;
    }
    return execute(manifest, "COMMIT", err);
}

enum wn_code wn_manifest_open(const char *path, bool read_only, struct wn_manifest **ret_manifest,
                              struct wn_error *err)
{
    struct wn_manifest *manifest = calloc(1, sizeof(*manifest));
    if (!manifest || !(manifest->path = strdup(path))) {
        free(manifest);
        return wn_fail(err, WN_FATAL, "file-write", "%s: out of memory", path);
    }
    manifest->read_only = read_only;
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(path, &manifest->db, flags, NULL) != SQLITE_OK) {
        fail(manifest, err);
    } else if (begin(manifest, err) == WN_OK) {
        *ret_manifest = manifest;
        return WN_OK;
    }
    wn_manifest_close(manifest);
    return WN_FATAL;
}

struct wn_manifest *wn_manifest_close(struct wn_manifest *manifest)
{
    if (manifest) {
        sqlite3_close(manifest->db);
        free(manifest->path);
        free(manifest);
    }
    return NULL;
}

static void copy_text(sqlite3_stmt *statement, int column, char *ret_text, size_t size)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    snprintf(ret_text, size, "%s", text ? (const char *)text : "");
}

enum wn_code wn_manifest_newest(struct wn_manifest *manifest, struct wn_manifest_newest *ret_newest,
                                struct wn_error *err)
{
    static const char sql[] = "SELECT (SELECT coalesce(max(number), 0) FROM batches),"
                              " (SELECT coalesce(max(number), 0) FROM receipts),"
                              " (SELECT sha256 FROM receipts ORDER BY number DESC LIMIT 1)";
    sqlite3_stmt *statement;
    enum wn_code rc = prepare(manifest, sql, NULL, 0, &statement, err);
    if (rc == WN_OK && sqlite3_step(statement) != SQLITE_ROW) {
        rc = fail(manifest, err);
    }
    if (rc == WN_OK) {
        ret_newest->batch = (uint64_t)sqlite3_column_int64(statement, 0);
        ret_newest->receipt = (uint64_t)sqlite3_column_int64(statement, 1);
        copy_text(statement, 2, ret_newest->sha256, sizeof(ret_newest->sha256));
    }
    sqlite3_finalize(statement);
    return rc;
}

/** Say whether a query gives a row. */
static enum wn_code has_row(struct wn_manifest *manifest, const char *sql, const struct bind *binds,
                            size_t n_binds, bool *ret_has, struct wn_error *err)
{
    sqlite3_stmt *statement;
    enum wn_code rc = prepare(manifest, sql, binds, n_binds, &statement, err);
    if (rc == WN_OK) {
        int row = sqlite3_step(statement);
        *ret_has = row == SQLITE_ROW;
        if (row != SQLITE_ROW && row != SQLITE_DONE) {
            rc = fail(manifest, err);
        }
    }
    sqlite3_finalize(statement);
    return rc;
}

enum wn_code wn_manifest_has_input(struct wn_manifest *manifest, const char *sha256, bool *ret_has,
                                   struct wn_error *err)
{
    const struct bind binds[] = { { sha256, 0 } };
    return has_row(manifest, "SELECT 1 FROM inputs WHERE sha256 = ?", binds, WN_COUNT(binds),
                   ret_has, err);
}

enum wn_code wn_manifest_contradicts(struct wn_manifest *manifest,
                                     const struct wn_manifest_fact *fact, bool *ret_contradicts,
                                     struct wn_error *err)
{
    const struct bind binds[] = { { fact->name, 0 }, { fact->value, 0 } };
    return has_row(manifest, "SELECT 1 FROM facts WHERE name = ? AND value <> ?", binds,
                   WN_COUNT(binds), ret_contradicts, err);
}

static enum wn_code put_inputs(struct wn_manifest *manifest,
                               const struct wn_publication *publication, struct wn_error *err)
{
    for (unsigned i = 0; i < publication->n_inputs; i++) {
        const struct wn_receipt_input *input = &publication->inputs[i];
        const struct bind binds[] = { { input->sha256, 0 },
                                      { NULL, publication->batch },
                                      { NULL, i },
                                      { NULL, (uint64_t)input->bytes },
                                      { NULL, input->records } };
        if (put(manifest, "INSERT INTO inputs VALUES (?, ?, ?, ?, ?)", binds, WN_COUNT(binds),
                err) != WN_OK) {
            return err->code;
        }
    }
    return WN_OK;
}

static enum wn_code put_files(struct wn_manifest *manifest,
                              const struct wn_publication *publication, struct wn_error *err)
{
    for (unsigned i = 0; i < publication->n_files; i++) {
        const struct wn_manifest_file *file = &publication->files[i];
        const struct bind binds[] = { { NULL, publication->receipt },
                                      { NULL, i },
                                      { file->aside, 0 },
                                      { file->file, 0 },
                                      { file->sha256, 0 },
                                      { NULL, file->records } };
        if (put(manifest, "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", binds, WN_COUNT(binds),
                err) != WN_OK) {
            return err->code;
        }
    }
    return WN_OK;
}

static enum wn_code put_all(struct wn_manifest *manifest, const struct wn_publication *publication,
                            struct wn_error *err)
{
    const struct bind receipt[] = { { NULL, publication->receipt },
                                    { publication->receipt_sha256, 0 } };
    if (put(manifest, "INSERT INTO receipts VALUES (?, ?)", receipt, WN_COUNT(receipt), err) !=
        WN_OK) {
        return err->code;
    }
    const struct bind batch[] = { { NULL, publication->batch },
                                  { publication->batch_id, 0 },
                                  { NULL, publication->receipt } };
    if (publication->batch > 0 && put(manifest, "INSERT INTO batches VALUES (?, ?, ?)", batch,
                                      WN_COUNT(batch), err) != WN_OK) {
        return err->code;
    }
    for (unsigned i = 0; i < publication->n_facts; i++) {
        const struct bind fact[] = { { publication->facts[i].name, 0 },
                                     { publication->facts[i].value, 0 } };
        if (put(manifest, "INSERT OR IGNORE INTO facts VALUES (?, ?)", fact, WN_COUNT(fact), err) !=
            WN_OK) {
            return err->code;
        }
    }
    if (put_inputs(manifest, publication, err) != WN_OK) {
        return err->code;
    }
    return put_files(manifest, publication, err);
}

enum wn_code wn_manifest_commit(struct wn_manifest *manifest,
                                const struct wn_publication *publication, struct wn_error *err)
{
    assert(!manifest->read_only && publication->receipt > 0);
    assert((publication->batch > 0) == (publication->batch_id != NULL));
    if (execute(manifest, "BEGIN IMMEDIATE", err) != WN_OK) {
        return err->code;
    }
    if (put_all(manifest, publication, err) != WN_OK || execute(manifest, "COMMIT", err) != WN_OK) {
        sqlite3_exec(manifest->db, "ROLLBACK", NULL, NULL, NULL);
        return err->code;
    }
    return WN_OK;
}

enum wn_code wn_manifest_each_file(struct wn_manifest *manifest, uint64_t first,
                                   wn_manifest_visit *visit, void *context, struct wn_error *err)
{
    static const char sql[] = "SELECT receipt, aside, file, sha256, records FROM files"
                              " WHERE receipt >= ? ORDER BY receipt, place";
    const struct bind binds[] = { { NULL, first } };
    sqlite3_stmt *statement;
    enum wn_code rc = prepare(manifest, sql, binds, WN_COUNT(binds), &statement, err);
    while (rc == WN_OK) {
        int row = sqlite3_step(statement);
        if (row == SQLITE_DONE) {
            break;
        }
        if (row != SQLITE_ROW) {
            rc = fail(manifest, err);
            break;
        }
        const struct wn_manifest_file file = {
            .aside = (const char *)sqlite3_column_text(statement, 1),
            .file = (const char *)sqlite3_column_text(statement, 2),
            .sha256 = (const char *)sqlite3_column_text(statement, 3),
            .records = (uint64_t)sqlite3_column_int64(statement, 4),
        };
        if (!file.aside || !file.file || !file.sha256) {
            rc = fail(manifest, err);
            break;
        }
        rc = visit(context, (uint64_t)sqlite3_column_int64(statement, 0), &file, err);
    }
    sqlite3_finalize(statement);
    return rc;
}
