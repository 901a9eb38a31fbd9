// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include "settings_parts.h"

void wn_settings_lists(const struct wn_config *config, const struct wn_node *lists,
                       struct wn_list_settings *ret_lists)
{
    static const char *const known[] = { "helplines", "portability", NULL };
    static const char *const of_helplines[] = { "file", "limit", "free", NULL };
    static const char *const words[] = { "class", "filter", NULL };
    if (!lists) {
        return;
    }
    wn_config_keys(config, lists, "lists", known);
    if (lists->type == WN_NODE_MAP) {
        wn_settings_path(config, wn_config_find(lists, "portability"), "lists.portability",
                         &ret_lists->portability);
    }
    const struct wn_node *helplines =
        lists->type == WN_NODE_MAP ? wn_config_find(lists, "helplines") : NULL;
    if (!helplines || helplines->type != WN_NODE_MAP) {
        wn_settings_path(config, helplines, "lists.helplines", &ret_lists->helplines);
        return;
    }
    wn_config_keys(config, helplines, "lists.helplines", of_helplines);
    wn_settings_path(config, wn_config_find(helplines, "file"), "lists.helplines.file",
                     &ret_lists->helplines);
    wn_config_duration(config, wn_config_find(helplines, "limit"), "lists.helplines.limit",
                       &ret_lists->helplines_limit_ms);
    int word =
        wn_config_word(config, wn_config_find(helplines, "free"), "lists.helplines.free", words);
    ret_lists->filters_free = word == 1;
}

const char *wn_settings_helplines(struct wn_settings *settings)
{
    static const char share[] = WINNOW_SHARE "/schemas/lists/helplines.csv";
    if (settings->lists.helplines) {
        return settings->lists.helplines;
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer path = { 0 };
    wn_buffer_format(&path, "%s/lists/helplines.csv", settings->policy);
    const char *kept = wn_arena_copy(&settings->arena, wn_buffer_slice(&path)).at;
    return access(kept, F_OK) == 0 ? kept : share;
}
