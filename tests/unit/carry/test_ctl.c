// SPDX-License-Identifier: Apache-2.0

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"

#include "winnow/control.h"

/** A folder with a socket, and a thread that serves until it was asked once. */
struct stage {
    char folder[64];
    char path[80];
    struct wn_control *control;
    pthread_t thread;
    bool asked;
};

static void answer(void *context, const char *line, struct wn_buffer *ret_reply)
{
    struct stage *stage = context;
    stage->asked = true;
    wn_buffer_format(ret_reply, "ok %s\n", line);
}

static void *serve(void *context)
{
    struct stage *stage = context;
    while (!stage->asked) {
        wn_control_serve(stage->control, answer, stage);
    }
    return NULL;
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    assert_non_null(stage);
    (void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/winnow-ctl-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    (void)snprintf(stage->path, sizeof(stage->path), "%s/ctl", stage->folder);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    stage->control = wn_control_close(stage->control);
    (void)unlink(stage->path);
    (void)rmdir(stage->folder);
    free(stage);
    return 0;
}

static void answers_a_line(void **state)
{
    struct stage *stage = *state;
    struct wn_error err;
    assert_true(wn_control_open(stage->path, &stage->control, &err) == WN_OK);
    assert_int_equal(pthread_create(&stage->thread, NULL, serve, stage), 0);
    struct wn_buffer reply = { 0 };
    assert_true(wn_control_ask(stage->path, "status\tx", &reply, &err) == WN_OK);
    assert_int_equal(pthread_join(stage->thread, NULL), 0);
    assert_true(wn_slice_is(wn_buffer_slice(&reply), "ok status\tx\n"));
    wn_buffer_deinit(&reply);
}

static void lets_only_its_owner_in(void **state)
{
    struct stage *stage = *state;
    struct wn_error err;
    struct stat status;
    assert_true(wn_control_open(stage->path, &stage->control, &err) == WN_OK);
    assert_int_equal(stat(stage->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void replaces_a_dead_socket(void **state)
{
    struct stage *stage = *state;
    struct wn_error err;
    FILE *left = fopen(stage->path, "w");
    assert_non_null(left);
    assert_int_equal(fclose(left), 0);
    assert_true(wn_control_open(stage->path, &stage->control, &err) == WN_OK);
}

static void leaves_a_living_socket(void **state)
{
    struct stage *stage = *state;
    struct wn_error err = { 0 };
    struct wn_control *second = NULL;
    assert_true(wn_control_open(stage->path, &stage->control, &err) == WN_OK);
    assert_true(wn_control_open(stage->path, &second, &err) == WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_null(second);
}

static void refuses_a_name_that_is_too_long(void **state)
{
    struct stage *stage = *state;
    struct wn_error err = { 0 };
    char path[200];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_true(wn_control_open(path, &stage->control, &err) == WN_FATAL);
    assert_string_equal(err.reason, "file-write");
}

static void says_where_nobody_listens(void **state)
{
    struct stage *stage = *state;
    struct wn_error err = { 0 };
    struct wn_buffer reply = { 0 };
    assert_true(wn_control_ask(stage->path, "status", &reply, &err) == WN_FATAL);
    assert_string_equal(err.reason, "not-running");
    assert_non_null(strstr(err.text, stage->path));
    wn_buffer_deinit(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lets_only_its_owner_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces_a_dead_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_a_living_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_name_that_is_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_where_nobody_listens, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
