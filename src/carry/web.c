// SPDX-License-Identifier: Apache-2.0

#include "web.h"

#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

/** @return how much was taken; less ends the transfer. */
static size_t take(char *bytes, size_t one, size_t n, void *context)
{
    struct wn_buffer *answer = context;
    const size_t len = one * n;
    if (answer->len + len > WN_WEB_MOST) {
        return 0;
    }
    wn_buffer_add(answer, bytes, len);
    return len;
}

static struct curl_slist *make_headers(const struct wn_web *web)
{
    char line[128];
    struct curl_slist *headers = NULL;
    (void)snprintf(line, sizeof(line), "Accept: %.100s", web->type);
    headers = curl_slist_append(headers, line);
    (void)snprintf(line, sizeof(line), "Content-Type: %.100s", web->type);
    return curl_slist_append(headers, line);
}

/** The request but for its headers. @return whether libcurl takes all of it. */
static bool set_up(CURL *curl, const struct wn_web *web, struct wn_buffer *answer)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, web->url);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    code = code ? code : curl_easy_setopt(curl, CURLOPT_PROXY, "");
    code = code ? code : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)web->timeout_ms);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_USERAGENT, "winnow/" WINNOW_VERSION);
    if (!code && web->body.len > 0) {
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)web->body.len);
        code = code ? code : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, web->body.at);
    }
    if (!code && web->user) {
        code = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        code = code ? code : curl_easy_setopt(curl, CURLOPT_USERNAME, web->user);
        code = code ? code : curl_easy_setopt(curl, CURLOPT_PASSWORD, web->password);
    }
    if (!code && web->authorities) {
        code = curl_easy_setopt(curl, CURLOPT_CAINFO, web->authorities);
    }
    return code == CURLE_OK;
}

enum wn_code wn_web_ask(const struct wn_web *web, long *ret_status, struct wn_buffer *ret_answer,
                        struct wn_error *err)
{
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    struct curl_slist *headers = make_headers(web);
    if (!curl || !headers) {
        abort(); // No memory.
    }
    CURLcode code = CURLE_BAD_FUNCTION_ARGUMENT;
    if (set_up(curl, web, ret_answer) &&
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK) {
        code = curl_easy_perform(curl);
    }
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return wn_fail(err, WN_FATAL, "registry", "no answer in %lld ms",
                       (long long)web->timeout_ms);
    }
    return code == CURLE_OK
               ? WN_OK
               : wn_fail(err, WN_FATAL, "registry", "%.120s", curl_easy_strerror(code));
}
