// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>

#include "settings_parts.h"
#include "winnow/time.h"

static bool is_digits(struct wn_slice text, size_t least, size_t most)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return text.len >= least && text.len <= most;
}

/** 204-98, 204-098 */
static bool read_network(struct wn_slice *text)
{
    return (text->len == 6 || text->len == 7) && text->at[3] == '-' &&
           is_digits((struct wn_slice){ text->at, 3 }, 3, 3) &&
           is_digits(wn_slice_after(*text, 4), 2, 3);
}

/** +31600000001, or without the plus, which is dropped. */
static bool read_number(struct wn_slice *text)
{
    if (wn_slice_starts(*text, "+")) {
        *text = wn_slice_after(*text, 1);
    }
    return is_digits(*text, 5, 15);
}

typedef bool read_item(struct wn_slice *text);

/** Read a list of texts. `what` is what each must be. */
static struct wn_slice *read_list(const struct wn_config *config, const struct wn_node *node,
                                  const char *key, read_item *read, const char *what, size_t *ret_n)
{
    if (node->type != WN_NODE_LIST) {
        wn_config_fault(config, node, "%s: a list is expected here", key);
        return NULL;
    }
    struct wn_slice *list = wn_arena_zeroed(config->arena, node->n + 1, sizeof(*list));
    size_t n = 0;
    for (size_t i = 0; i < node->n; i++) {
        const struct wn_node *item = &node->items[i];
        list[n] = item->text;
        if (item->type != WN_NODE_TEXT || !read(&list[n])) {
            wn_config_fault(config, item, "%s[%zu]: not %s", key, i, what);
        } else {
            n++;
        }
    }
    *ret_n = n;
    return list;
}

static void read_networks(const struct wn_config *config, const struct wn_node *node,
                          const char *key, struct wn_networks *ret_networks)
{
    if (node) {
        ret_networks->n = 0;
        ret_networks->list = read_list(
            config, node, key, read_network,
            "a network (country and network code in quotes, as in \"204-98\")", &ret_networks->n);
    }
}

static void read_country(const struct wn_config *config, const struct wn_node *node,
                         struct wn_site *ret_site)
{
    if (!node) {
        return;
    }
    if (node->type != WN_NODE_TEXT || !is_digits(node->text, 1, 3) || node->text.at[0] == '0') {
        wn_config_fault(config, node,
                        "site.country: not a country code of E.164 (31 is that of the "
                        "Netherlands)");
        return;
    }
    snprintf(ret_site->country, sizeof(ret_site->country), "%s", node->text.at);
}

static void read_zone(const struct wn_config *config, const struct wn_node *node,
                      struct wn_site *ret_site)
{
    const char *name = wn_settings_word(config, node, "site.zone");
    struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    if (!name) {
        return;
    }
    if (wn_zone_open(name, &zone, &err) != WN_OK) {
        wn_config_fault(config, node,
                        "site.zone: the system's time zone database has no such zone "
                        "(a name as in Europe/Amsterdam)");
        return;
    }
    wn_zone_close(zone);
    ret_site->zone = name;
}

void wn_settings_site(const struct wn_config *config, const struct wn_node *site,
                      struct wn_site *ret_site)
{
    static const char *const keys[] = { "country", "home", "zone", "test", NULL };
    static const char *const test_keys[] = { "imsi", "numbers", NULL };
    if (!site) {
        return;
    }
    wn_config_keys(config, site, "site", keys);
    read_country(config, wn_config_find(site, "country"), ret_site);
    read_zone(config, wn_config_find(site, "zone"), ret_site);
    read_networks(config, wn_config_find(site, "home"), "site.home", &ret_site->home);

    const struct wn_node *test = wn_config_find(site, "test");
    if (!test) {
        return;
    }
    wn_config_keys(config, test, "site.test", test_keys);
    read_networks(config, wn_config_find(test, "imsi"), "site.test.imsi", &ret_site->test);
    const struct wn_node *numbers = wn_config_find(test, "numbers");
    if (numbers) {
        struct wn_slice *list =
            read_list(config, numbers, "site.test.numbers", read_number,
                      "a number (E.164 digits, as in \"+31600000001\")", &ret_site->n_test_numbers);
        wn_site_sort_numbers(list, ret_site->n_test_numbers);
        ret_site->test_numbers = list;
    }
}
