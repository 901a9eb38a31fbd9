// SPDX-License-Identifier: Apache-2.0

/**
 * The server on loopback, asked by raw octets: what is refused, and how; and under ThreadSanitizer,
 * with a worker that posts meanwhile.
 */

#include "winnow/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "table.h"

enum {
    ASKED = 200,
    LONG = 64 * 1024,
    WAIT_S = 30, ///< Far more than an answer takes.
};

static struct wn_board *board;
static struct wn_http *http;

static int connect_to(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(wn_http_port(http)),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct timeval wait = { WAIT_S, 0 };
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/** Send a request, then read until the server closes. */
static void ask(const char *request, size_t len, struct wn_buffer *ret_answer)
{
    int fd = connect_to();
    ssize_t got = 1;
    (void)send(fd, request, len, MSG_NOSIGNAL); // It may have refused before it was sent whole.
    while (got > 0) {
        got = recv(fd, wn_buffer_room(ret_answer, 4096), 4096, 0);
        ret_answer->len += got > 0 ? (size_t)got : 0;
    }
    wn_buffer_add(ret_answer, "", 1);
    assert_int_equal(close(fd), 0);
}

static bool start(void)
{
    struct wn_error err;
    board = wn_board_open();
    const struct wn_http_options options = { "127.0.0.1:0", "winnow.yaml", &board, 1 };
    return wn_http_open(&options, &http, &err) == WN_OK;
}

static void end(void)
{
    http = wn_http_close(http);
    board = wn_board_close(board);
}

struct row {
    const char *name;
    const char *request;
    char fill;          ///< Octet that LONG times stands in for a `*`; 0: there is none.
    const char *begins; ///< The answer; "": nothing, it just closes.
    const char *has;
};

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct row rows[] = {
    { "serves metrics", "GET /metrics" END, 0, "HTTP/1.1 200 ", "# TYPE winnow_alive gauge" },
    { "serves the page", "GET /" END, 0, "HTTP/1.1 200 ",
      "Content-Security-Policy: default-src 'none'" },
    { "serves health", "GET /healthz" END, 0, "HTTP/1.1 200 ", "\r\n\r\nok\n" },
    { "says that it is not ready", "GET /readyz" END, 0, "HTTP/1.1 503 ", "has not begun" },
    { "ignores a query", "GET /healthz?a=b" END, 0, "HTTP/1.1 200 ", "ok" },
    { "answers HEAD", "HEAD /metrics" END, 0, "HTTP/1.1 200 ", "Content-Length: " },
    { "closes after one answer", "GET /healthz" END "GET /healthz" END, 0, "HTTP/1.1 200 ",
      "Connection: close" },
    { "refuses another path", "GET /metrics/" END, 0, "HTTP/1.1 404 ", "there are: " },
    { "refuses a path out of it", "GET /../../etc/passwd" END, 0, "HTTP/1.1 404 ", "there are: " },
    { "refuses a path that is hidden", "GET /%2e%2e/%00metrics" END, 0, "HTTP/1.1 404 ",
      "there are: " },
    { "refuses no path", "GET *" END, 0, "HTTP/1.1 404 ", "there are: " },
    { "refuses POST", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 0, "HTTP/1.1 405 ",
      "Allow: GET, HEAD" },
    { "refuses DELETE", "DELETE /metrics" END, 0, "HTTP/1.1 405 ", "Allow: GET, HEAD" },
    { "refuses a method of its own", "TESTED /metrics" END, 0, "HTTP/1.1 405 ",
      "Allow: GET, HEAD" },
    { "refuses a body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 0,
      "HTTP/1.1 413 ", "no body" },
    { "refuses a body in pieces",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 0,
      "HTTP/1.1 413 ", "no body" },
    { "refuses a line that is too long", "GET /*" END, 'a', "HTTP/1.1 414 ", "" },
    { "refuses a header that is too long", "GET / HTTP/1.1\r\nHost: a\r\nA: *\r\n\r\n", 'a',
      "HTTP/1.1 431 ", "" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer request = { 0 };
    struct wn_buffer answer = { 0 };
    const char *star = row->fill ? strchr(row->request, '*') : NULL;
    if (star) {
        wn_buffer_add(&request, row->request, (size_t)(star - row->request));
        memset(wn_buffer_room(&request, LONG), row->fill, LONG);
        request.len += LONG;
        wn_buffer_text(&request, star + 1);
    } else {
        wn_buffer_text(&request, row->request);
    }
    ask((const char *)request.at, request.len, &answer);
    assert_true(wn_slice_starts(wn_buffer_slice(&answer), row->begins));
    assert_non_null(strstr((const char *)answer.at, row->has));
    // An answer, and no other: what came behind the first request is not looked at.
    assert_null(strstr((const char *)answer.at + 1, "HTTP/1.1 "));
    wn_buffer_deinit(&request);
    wn_buffer_deinit(&answer);
}

static void says_which_setting_is_wrong(void **state)
{
    (void)state;
    char taken[32];
    struct wn_error err;
    struct wn_http *second = NULL;
    (void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", (unsigned)wn_http_port(http));
    const struct wn_http_options same = { taken, "winnow.yaml", &board, 1 };
    assert_int_equal(wn_http_open(&same, &second, &err), WN_FATAL);
    assert_string_equal(err.reason, "config");
    assert_non_null(strstr(err.text, "winnow.yaml: http: listen: 127.0.0.1:"));
    assert_non_null(strstr(err.text, "http: off"));
    const struct wn_http_options foreign = { "192.0.2.1:0", "winnow.yaml", &board, 1 };
    assert_int_equal(wn_http_open(&foreign, &second, &err), WN_FATAL);
    assert_string_equal(err.reason, "config");
    assert_null(second);
}

static void *work(void *context)
{
    atomic_bool *stop = context;
    struct wn_status_input input = { .topic = "raw.a" };
    struct wn_status_partition partition = { .phase = WN_STATUS_RUNNING };
    struct wn_status status = { .assigned = true,
                                .n_inputs = 1,
                                .inputs = &input,
                                .n_partitions = 1,
                                .partitions = &partition };
    for (int64_t n = 1; !atomic_load(stop); n++) {
        input.in++;
        partition.next++;
        wn_board_turned(board, wn_board_turned_ms(board));
        wn_board_ends(board, "raw.a", 0, n, n);
        wn_board_post(board, &status);
    }
    return NULL;
}

static void serves_while_the_worker_posts(void **state)
{
    (void)state;
    static const char *const requests[] = { "GET /metrics" END, "GET /" END, "GET /readyz" END };
    atomic_bool stop = false;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, work, &stop), 0);
    for (unsigned i = 0; i < ASKED; i++) {
        struct wn_buffer answer = { 0 };
        const char *request = requests[i % WN_COUNT(requests)];
        ask(request, strlen(request), &answer);
        assert_non_null(strstr((const char *)answer.at, "HTTP/1.1 "));
        wn_buffer_deinit(&answer);
    }
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        cmocka_unit_test(says_which_setting_is_wrong),
        cmocka_unit_test(serves_while_the_worker_posts),
    };
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TESTS(&tests, more);
    if (!start()) {
        return 1;
    }
    int failed = wn_run_tests("http", &tests);
    end();
    return failed;
}
