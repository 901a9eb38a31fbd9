// SPDX-License-Identifier: Apache-2.0

#include "winnow/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "web.h"

static const char media_type[] = "application/vnd.schemaregistry.v1+json";

/** One purpose's schema, on its way through the registry. */
struct subject {
    const struct wn_settings *settings;
    const char *password;
    char name[300]; ///< `<topic>-value`.
    struct wn_slice body;
    struct wn_buffer answer;
    long status;
};

/** Put the place in front, and say what to do. */
static enum wn_code refuse(const struct subject *subject, struct wn_error *err, const char *what)
{
    return wn_fail(err, WN_FATAL, "registry", "%.80s: %.70s: %s", subject->settings->registry.url,
                   subject->name, what);
}

/** Ask about the subject. @return WN_OK where there is an answer that is ours to read: 200, 404,
 * 409, 422. */
static enum wn_code ask(struct subject *subject, const char *before, const char *behind,
                        struct wn_error *err)
{
    const struct wn_registry_settings *registry = &subject->settings->registry;
    char url[1024];
    (void)snprintf(url, sizeof(url), "%.480s%s%s%s", registry->url, before, subject->name, behind);
    const struct wn_web web = { .url = url,
                                .type = media_type,
                                .body = subject->body,
                                .user = registry->user,
                                .password = subject->password,
                                .authorities = registry->authorities,
                                .timeout_ms = registry->timeout_ms };
    subject->answer.len = 0;
    if (wn_web_ask(&web, &subject->status, &subject->answer, err) != WN_OK) {
        char what[160];
        (void)snprintf(what, sizeof(what), "%.80s; is it running, and may this host reach it?",
                       err->text);
        return refuse(subject, err, what);
    }
    switch (subject->status) {
    case 200:
    case 404:
    case 409:
    case 422:
        return WN_OK;
    case 401:
    case 403:
        return refuse(subject, err,
                      subject->password
                          ? "we are refused; see registry: user and the file of its password, and "
                            "what this user may do with the subject"
                          : "we are refused; say who we are: registry: {user: U, password: {file: "
                            "F}}");
    default:
        break;
    }
    char what[80];
    (void)snprintf(what, sizeof(what), "status %ld; see the registry's own log", subject->status);
    return refuse(subject, err, what);
}

/** @return a member of the answer that is a whole number, or -1. */
static int64_t number_of(const struct subject *subject, const char *name)
{
    json_error_t wrong;
    json_t *answer = json_loadb((const char *)subject->answer.at, subject->answer.len, 0, &wrong);
    const json_t *member = json_object_get(answer, name);
    const int64_t number = json_is_integer(member) ? json_integer_value(member) : -1;
    json_decref(answer);
    return number;
}

static bool is_true(const struct subject *subject, const char *name)
{
    json_error_t wrong;
    json_t *answer = json_loadb((const char *)subject->answer.at, subject->answer.len, 0, &wrong);
    const bool yes = json_is_true(json_object_get(answer, name));
    json_decref(answer);
    return yes;
}

static enum wn_code read_id(const struct subject *subject, uint32_t *ret_id, struct wn_error *err)
{
    const int64_t id = number_of(subject, "id");
    if (id < 1 || id > INT32_MAX) {
        return refuse(subject, err, "an answer without an id; is this a schema registry?");
    }
    *ret_id = (uint32_t)id;
    return WN_OK;
}

static const char incompatible[] =
    "our schema is not compatible with the latest one; change the policy as its readers can bear "
    "(winnow schema prints it), or the subject's compatibility";

/** Register, which gives the id also where it is there already. */
static enum wn_code enter(struct subject *subject, uint32_t *ret_id, struct wn_error *err)
{
    enum wn_code rc = ask(subject, "/subjects/", "/versions", err);
    if (rc != WN_OK || subject->status == 200) {
        return rc == WN_OK ? read_id(subject, ret_id, err) : rc;
    }
    return refuse(subject, err,
                  subject->status == 409   ? incompatible
                  : subject->status == 422 ? "the registry takes our schema for none; does it take "
                                             "Avro?"
                                           : "nothing can be registered there; see registry: url");
}

/** Ask whether it could be registered. */
static enum wn_code try(struct subject *subject, struct wn_error *err)
{
    enum wn_code rc = ask(subject, "/compatibility/subjects/", "/versions/latest", err);
    const bool fits =
        subject->status == 404 || (subject->status == 200 && is_true(subject, "is_compatible"));
    return rc == WN_OK && !fits ? refuse(subject, err, incompatible) : rc;
}

static enum wn_code resolve(struct subject *subject, enum wn_registry_mode mode, uint32_t *ret_id,
                            struct wn_error *err)
{
    enum wn_code rc = ask(subject, "/subjects/", "", err);
    if (rc != WN_OK || subject->status == 200) {
        return rc == WN_OK ? read_id(subject, ret_id, err) : rc;
    }
    if (mode == WN_REGISTRY_LOOK) {
        return WN_OK;
    }
    if (!subject->settings->registry.enters) {
        return refuse(subject, err,
                      "our schema is not there, and registry: register is off; register what "
                      "winnow schema prints");
    }
    return mode == WN_REGISTRY_TRY ? try(subject, err) : enter(subject, ret_id, err);
}

/** What is sent: {"schema": "…"}. @return the caller's to free(). */
static char *make_body(const struct wn_purpose *purpose)
{
    json_t *body = json_pack("{s:s}", "schema", purpose->schema);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text) {
        abort();
    }
    return text;
}

static enum wn_code resolve_purpose(const struct wn_settings *settings, const char *password,
                                    enum wn_registry_mode mode, struct wn_purpose *purpose,
                                    struct wn_error *err)
{
    struct subject subject = { .settings = settings, .password = password };
    char *body = make_body(purpose);
    subject.body = wn_slice_of(body);
    (void)snprintf(subject.name, sizeof(subject.name), "%.249s-value", purpose->topic);
    uint32_t id = 0;
    enum wn_code rc = resolve(&subject, mode, &id, err);
    purpose->schema_id = rc == WN_OK ? id : 0;
    wn_buffer_deinit(&subject.answer);
    free(body);
    return rc;
}

enum wn_code wn_registry_resolve(const struct wn_settings *settings, enum wn_registry_mode mode,
                                 struct wn_policy *policy, struct wn_error *err)
{
    const struct wn_registry_settings *registry = &settings->registry;
    char password[WN_SECRET_BYTES] = "";
    enum wn_code rc = WN_OK;
    if (!registry->url) {
        return WN_OK;
    }
    if (registry->user && wn_secret_read(&registry->password, password, err) != WN_OK) {
        return wn_context(err, "%s: registry: password", settings->file);
    }
    for (unsigned i = 0; i < policy->n_types && rc == WN_OK; i++) {
        struct wn_type *type = &policy->types[i];
        for (unsigned j = 0; j < type->n_purposes && rc == WN_OK; j++) {
            rc = resolve_purpose(settings, registry->user ? password : NULL, mode,
                                 &type->purposes[j], err);
        }
    }
    explicit_bzero(password, sizeof(password));
    return rc;
}
