// SPDX-License-Identifier: Apache-2.0

/*
 * libmicrohttpd, run by one thread of ours: it serves, and between two rounds it cuts connections
 * that are older than they may be, which the library's own time-out, counted from the last octet,
 * would leave to a client that sends one octet now and then.
 */

#include "winnow/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "view.h"
#include "winnow/clock.h"
#include "winnow/log.h"
#include "winnow/memory.h"

enum {
    CONNECTIONS = 16,
    IDLE_S = 5,           ///< Without an octet.
    WHOLE_MS = 10 * 1000, ///< From the first to the last.
    MEMORY = 16 * 1024,   ///< Of a connection: line and headers must fit.
    ROUND_MS = 200,
    BACKLOG = 16,
    ADDRESS_MOST = 64,
};

/** A connection that is open. */
struct guest {
    int fd; ///< -1: none.
    int64_t since_ms;
};

struct wn_http {
    struct wn_board *const *boards;
    unsigned n_boards;
    uint16_t port;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    atomic_bool stop;
    struct guest guests[CONNECTIONS]; ///< The thread's.
};

/** A page. */
struct place {
    const char *path;
    const char *type;
    bool (*write)(const struct wn_view *view, struct wn_buffer *ret_text); ///< false: 503.
};

static bool write_metrics(const struct wn_view *view, struct wn_buffer *ret_text)
{
    wn_view_metrics(view, ret_text);
    return true;
}

static bool write_page(const struct wn_view *view, struct wn_buffer *ret_text)
{
    wn_view_page(view, ret_text);
    return true;
}

static const char plain[] = "text/plain; charset=utf-8";
static const struct place places[] = {
    { "/", "text/html; charset=utf-8", write_page },
    { "/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics },
    { "/healthz", plain, wn_view_health },
    { "/readyz", plain, wn_view_readiness },
};

// ---- Answers
// --------------------------------------------------------------------------------------

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const struct wn_buffer *text)
{
    static const char *const headers[][2] = {
        { MHD_HTTP_HEADER_CONNECTION, "close" },
        { MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'" },
    };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, text->at, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; i < WN_COUNT(headers); i++) {
        (void)MHD_add_response_header(response, headers[i][0], headers[i][1]);
    }
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result rc = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return rc;
}

/** Refuse, without a word of what was asked. */
static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer line = { 0 };
    wn_buffer_text(&line, text);
    return answer(connection, status, plain, &line);
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                       MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static enum MHD_Result show(const struct wn_http *http, const struct place *place,
                            struct MHD_Connection *connection)
{
    struct wn_view view;
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    wn_view_take(http->boards, http->n_boards, &view);
    const bool good = place->write(&view, &text);
    wn_view_deinit(&view);
    return answer(connection, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, place->type,
                  &text);
}

// NOLINTBEGIN(readability-function-size,readability-non-const-parameter): its signature.
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **request)
{
    (void)version;
    (void)upload;
    (void)upload_bytes;
    (void)request;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    if (has_body(connection)) {
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "no body is expected\n");
    }
    for (size_t i = 0; i < WN_COUNT(places); i++) {
        if (strcmp(url, places[i].path) == 0) {
            return show(context, &places[i], connection);
        }
    }
    return refuse(connection, MHD_HTTP_NOT_FOUND, "there are: / /metrics /healthz /readyz\n");
}
// NOLINTEND(readability-function-size,readability-non-const-parameter)

// ---- Connections
// ----------------------------------------------------------------------------------

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct wn_http *http = context;
    (void)socket_context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!info) {
        return;
    }
    const int wanted = code == MHD_CONNECTION_NOTIFY_STARTED ? -1 : info->connect_fd;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (http->guests[i].fd == wanted) {
            http->guests[i].fd = wanted == -1 ? info->connect_fd : -1;
            http->guests[i].since_ms = wn_monotonic_ms();
            return;
        }
    }
}

/** Cut who is here for too long: the library sees the end, and closes. */
static void cut_old(struct wn_http *http)
{
    const int64_t now = wn_monotonic_ms();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        const struct guest *guest = &http->guests[i];
        if (guest->fd >= 0 && now - guest->since_ms > WHOLE_MS) {
            (void)shutdown(guest->fd, SHUT_RDWR);
        }
    }
}

static void *run(void *context)
{
    struct wn_http *http = context;
    while (!atomic_load(&http->stop)) {
        (void)MHD_run_wait(http->daemon, ROUND_MS);
        cut_old(http);
    }
    return NULL;
}

// ---- Open and close
// -------------------------------------------------------------------------------

/** Resolve `ADDRESS:PORT`, in numbers. */
static struct addrinfo *resolve(const char *listen)
{
    char host[ADDRESS_MOST];
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                    .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    const char *colon = strrchr(listen, ':');
    const size_t brackets = listen[0] == '[' ? 1 : 0;
    const size_t len = colon ? (size_t)(colon - listen) : 0;
    if (len <= 2 * brackets || len - 2 * brackets >= sizeof(host)) {
        return NULL;
    }
    memcpy(host, listen + brackets, len - 2 * brackets);
    host[len - 2 * brackets] = '\0';
    return getaddrinfo(host, colon + 1, &hints, &found) == 0 ? found : NULL;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof(six));
        return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
    }
    struct sockaddr_in four;
    memcpy(&four, address, sizeof(four));
    return ntohl(four.sin_addr.s_addr) >> 24 == 127;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    struct sockaddr_in four = { .sin_port = 0 };
    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        memcpy(&four, &address, sizeof(four)); // The port lies at the same place in both families.
    }
    return ntohs(four.sin_port);
}

/** Open the socket. @return -1: errno says why. */
static int listen_at(const struct addrinfo *address)
{
    const int yes = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (address->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
    }
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        const int kept = errno;
        (void)close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

static enum wn_code open_socket(const struct wn_http_options *options, int *ret_fd,
                                struct wn_error *err)
{
    struct addrinfo *address = resolve(options->listen);
    errno = EINVAL;
    *ret_fd = address ? listen_at(address) : -1;
    const int kept = errno;
    const bool exposed = address && !is_loopback(address->ai_addr);
    if (address) {
        freeaddrinfo(address);
    }
    if (*ret_fd < 0) {
        return wn_fail(err, WN_FATAL, "config", "%s: http: listen: %s: %s%s", options->file,
                       options->listen, strerror(kept),
                       kept == EADDRINUSE ? "; give each winnow of a host its own http: {listen: "
                                            "ADDRESS:PORT}, or http: off"
                                          : "");
    }
    if (exposed) {
        wn_log(
            WN_LOG_WARNING, "http-exposed",
            "listen=%s text=\"not loopback: there is no login and no TLS; put a proxy before it\"",
            options->listen);
    }
    return WN_OK;
}

static bool start(struct wn_http *http, int fd)
{
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_END);
    if (!http->daemon) {
        (void)close(fd);
        return false;
    }
    if (pthread_create(&http->thread, NULL, run, http) != 0) {
        MHD_stop_daemon(http->daemon); // Closes the socket.
        return false;
    }
    return true;
}

enum wn_code wn_http_open(const struct wn_http_options *options, struct wn_http **ret_http,
                          struct wn_error *err)
{
    int fd = -1;
    enum wn_code rc = open_socket(options, &fd, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_http *http = wn_take(1, sizeof(*http));
    http->boards = options->boards;
    http->n_boards = options->n_boards;
    http->port = port_of(fd);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        http->guests[i].fd = -1;
    }
    if (!start(http, fd)) {
        free(http);
        return wn_fail(err, WN_FATAL, "internal", "http: the server can't be started");
    }
    wn_log(WN_LOG_INFO, "listening", "http=%s port=%u", options->listen, (unsigned)http->port);
    *ret_http = http;
    return WN_OK;
}

uint16_t wn_http_port(const struct wn_http *http)
{
    return http->port;
}

struct wn_http *wn_http_close(struct wn_http *http)
{
    if (http) {
        atomic_store(&http->stop, true);
        (void)pthread_join(http->thread, NULL);
        MHD_stop_daemon(http->daemon);
        free(http);
    }
    return NULL;
}
