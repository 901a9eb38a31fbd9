// SPDX-License-Identifier: Apache-2.0

/*
 * What a source reads, and what for.
 */

#include "plan.h"
#include "winnow/trace.h"

struct walk {
    wn_use_visit *visit;
    void *context;
    const struct wn_source *source;
    const struct wn_section *section; ///< At hand; NULL: none yet.
    struct wn_use use;                ///< What all paths at hand are read for.
};

static void tell(const struct walk *walk, const struct wn_use *use)
{
    struct wn_use told = *use;
    told.section = walk->section;
    walk->visit(walk->context, &told);
}

static void tell_path(struct walk *walk, const struct wn_plan_path *path)
{
    struct wn_use use = walk->use;
    use.take = path->take;
    use.path = path->text;
    use.of_item = path->of_item;
    tell(walk, &use);
}

static void tell_from(struct walk *walk, const struct wn_from *from)
{
    for (unsigned i = 0; from->what == WN_FROM_PATHS && i < from->n_paths; i++) {
        tell_path(walk, &from->paths[i]);
    }
}

static void tell_condition(struct walk *walk, const struct wn_condition *condition)
{
    const struct wn_use before = walk->use;
    if (!condition) {
        return;
    }
    walk->use.what = WN_USE_CONDITION;
    walk->use.name = "";
    tell_from(walk, &condition->from);
    const bool has_parts = condition->op == WN_WHEN_ALL || condition->op == WN_WHEN_ANY ||
                           condition->op == WN_WHEN_NOT;
    for (size_t i = 0; has_parts && i < condition->n; i++) { // Nested 16 deep at most.
        tell_condition(walk, &condition->parts[i]);
    }
    walk->use = before;
}

static void tell_term(struct walk *walk, const struct wn_term *term)
{
    tell_from(walk, &term->from);
    tell_from(walk, &term->high);
    if (term->near) { // Of which nothing is chosen by another one.
        tell_from(walk, &term->near->term.from);
        tell_from(walk, &term->near->step.from);
    }
}

static void tell_entries(struct walk *walk, const struct wn_entry *entries, size_t n, bool of_item)
{
    for (size_t i = 0; i < n; i++) {
        const struct wn_entry *entry = &entries[i];
        walk->use = (struct wn_use){ .what = WN_USE_FIELD,
                                     .name = entry->field->name,
                                     .of_item = of_item,
                                     .take = WN_NO_TAKE,
                                     .line = entry->line };
        if (entry->what == WN_ENTRY_FROM && entry->term.from.what == WN_FROM_PATHS) {
            tell_term(walk, &entry->term);
        } else {
            tell(walk, &walk->use);
        }
        if (entry->subtracts) {
            tell_term(walk, &entry->minus);
        }
        tell_condition(walk, entry->when);
        tell_condition(walk, entry->withheld);
    }
}

static void tell_subscriber(struct walk *walk, const struct wn_section_plan *plan)
{
    for (size_t i = 0; i < plan->n_subscriber; i++) {
        const struct wn_whose *whose = &plan->subscriber[i];
        walk->use = (struct wn_use){
            .what = WN_USE_SUBSCRIBER, .name = "", .take = WN_NO_TAKE, .line = whose->line
        };
        if (!whose->by_direction && whose->term.from.what == WN_FROM_PATHS) {
            tell_term(walk, &whose->term);
        } else {
            tell(walk, &walk->use);
        }
        tell_condition(walk, whose->when);
    }
}

static void tell_key(struct walk *walk, const char *name, const struct wn_key *key, unsigned line)
{
    for (unsigned i = 0; i < key->n; i++) {
        const struct wn_key_part *part = &key->parts[i];
        const struct wn_use use = {
            .what = WN_USE_KEY,
            .name = name,
            .take = part->index,
            .path = part->what == WN_PART_TAKE ? walk->source->plan->take_paths[part->index]
                                               : (struct wn_slice){ 0 },
            .line = line,
        };
        if (part->what == WN_PART_TAKE) {
            tell(walk, &use);
        }
    }
}

static void tell_section(struct walk *walk, const struct wn_section *section)
{
    const struct wn_section_plan *plan = section->plan;
    walk->section = section;
    walk->use = (struct wn_use){ .line = section->line };
    tell_condition(walk, section->when);
    tell_entries(walk, plan->items, plan->n_items, true);
    tell_entries(walk, plan->fields, plan->n_fields, false);
    tell_subscriber(walk, plan);
    for (size_t i = 0; i < plan->n_flags; i++) {
        walk->use = (struct wn_use){ .line = plan->flags[i].line };
        tell_condition(walk, plan->flags[i].when);
    }
    for (unsigned i = 0; i < section->n_filters; i++) {
        walk->use = (struct wn_use){ .line = section->filters[i].line };
        tell_condition(walk, section->filters[i].when);
    }
    tell_key(walk, "duplicate_key", &section->duplicate_key, plan->lines.duplicate_key);
    tell_key(walk, "content", &section->content, plan->lines.content);
    tell_key(walk, "session_key", &section->session_key, plan->lines.session_key);
    for (size_t i = 0; i < plan->n_required; i++) {
        walk->use =
            (struct wn_use){ .what = WN_USE_REQUIRED, .name = "", .line = plan->required[i].line };
        tell_from(walk, &plan->required[i]);
    }
}

void wn_source_each_use(const struct wn_source *source, wn_use_visit *visit, void *context)
{
    struct walk walk = { .visit = visit, .context = context, .source = source };

    walk.use = (struct wn_use){ .what = WN_USE_NODE, .name = "", .line = source->plan->node_line };
    tell_from(&walk, &source->plan->node.from);
    walk.use = (struct wn_use){ .what = WN_USE_GAPS, .name = "", .line = source->plan->gaps.line };
    tell_from(&walk, &source->plan->gaps.number.from);
    tell_from(&walk, &source->plan->gaps.node.from);
    for (unsigned i = 0; i < source->n_sections; i++) {
        tell_section(&walk, &source->sections[i]);
    }
}

bool wn_source_found(const struct wn_decoded *decoded, const struct wn_use *use)
{
    if (use->take == WN_NO_TAKE) {
        return false;
    }
    if (!use->of_item) {
        return decoded->taken.top && wn_taken_first(&decoded->taken.top[use->take]) != NULL;
    }
    const size_t width = wn_paths_count_item(decoded->source->plan->paths);
    for (unsigned i = 0; i < decoded->taken.n_items; i++) {
        if (wn_taken_first(&decoded->taken.items[i * width + use->take])) {
            return true;
        }
    }
    return false;
}
