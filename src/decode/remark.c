// SPDX-License-Identifier: Apache-2.0

/*
 * What a source leaves open. None of it is a fault: there are switches for which it is right.
 */

#include <assert.h>

#include "plan.h"
#include "winnow/trace.h"

enum {
    REMARKS = 8, ///< Kinds of remarks, at most.
};

/** Who is told, and what was: what sections share is remarked once. */
struct telling {
    wn_remark_visit *visit;
    void *context;
    struct {
        unsigned line;
        const char *sentence; ///< A literal: told by its address.
    } told[WN_SECTIONS * REMARKS];
    unsigned n;
};

/** Tell a remark about a line, or about the section that lacks it. */
static void tell(struct telling *telling, const struct wn_section *section, unsigned line,
                 const char *sentence)
{
    line = line == 0 && section ? section->line : line;
    for (unsigned i = 0; i < telling->n; i++) {
        if (telling->told[i].line == line && telling->told[i].sentence == sentence) {
            return;
        }
    }
    assert(telling->n < WN_COUNT(telling->told));
    telling->told[telling->n].line = line;
    telling->told[telling->n++].sentence = sentence;
    telling->visit(telling->context, line, sentence);
}

/** Whether `required:` names a path or a field. */
static bool is_required(const struct wn_section *section, const struct wn_key_part *part)
{
    const struct wn_section_plan *plan = section->plan;
    for (size_t i = 0; i < plan->n_required; i++) {
        const struct wn_from *from = &plan->required[i];
        if (part->what == WN_PART_TAKE && from->what == WN_FROM_PATHS &&
            from->paths[0].take == part->index) {
            return true;
        }
        if (part->what == WN_PART_FIELD && from->what == WN_FROM_FIELD &&
            from->slot == part->index) {
            return true;
        }
    }
    return false;
}

/** Whether a part of a key has a value in every record that passes. */
static bool is_always_there(const struct wn_section *section, const struct wn_key_part *part)
{
    switch (part->what) {
    case WN_PART_TAKE:
        return is_required(section, part);
    case WN_PART_FIELD:
        return is_required(section, part) || !section->shape->fields[part->index].nullable;
    case WN_PART_POSITION:
        return true;
    case WN_PART_NODE:
    case WN_PART_SUBSCRIBER:
    default:
        return false; // They tell switches and people apart, not records.
    }
}

static void remark_key(const struct wn_source *source, const struct wn_section *section,
                       struct telling *telling)
{
    const struct wn_key *key = &section->duplicate_key;
    const struct wn_section_plan *plan = section->plan;
    const unsigned line = plan->lines.duplicate_key;
    bool has_node = false, tells = source->tolerance_s > 0; // A start is in it then.
    for (unsigned i = 0; i < key->n; i++) {
        has_node = has_node || key->parts[i].what == WN_PART_NODE;
        tells = tells || is_always_there(section, &key->parts[i]);
    }
    if (key->n == 0) {
        tell(telling, section, line,
             "duplicate_key: there is none: a record that comes twice is billed "
             "twice");
    } else if (!tells) {
        tell(telling, section, line,
             "duplicate_key: no part of it is in every record (under `required`, or a field that "
             "must be there): records without them have one key, and all but the first are "
             "duplicates");
    }
    if (key->n > 0 && !has_node && source->plan->node.from.n_paths > 0) {
        tell(telling, section, line,
             "duplicate_key: `node` is not in it: the same id on two switches is one event");
    }
    if (section->content.n == 0 && source->tolerance_s == 0) {
        tell(telling, section, plan->lines.content,
             "content: is empty: a record that comes again with other values is a duplicate, and "
             "no conflict");
    }
}

static void remark_section(const struct wn_source *source, const struct wn_section *section,
                           struct telling *telling)
{
    const struct wn_section_plan *plan = section->plan;
    if (plan->n_subscriber == 0) {
        tell(telling, section, plan->lines.subscriber,
             "subscriber: there is none: no record is about anybody, and none can be charged");
    }
    remark_key(source, section, telling);
    if (section->n_filters == 0) {
        tell(telling, section, 0,
             "filter: there is none: attempts and other records without usage are refused or "
             "billed");
    }
}

void wn_source_each_remark(const struct wn_source *source, wn_remark_visit *visit, void *context)
{
    const struct wn_source_plan *plan = source->plan;
    struct telling telling = { .visit = visit, .context = context };
    if (plan->node.from.n_paths == 0 && plan->node_otherwise.len == 0) {
        tell(&telling, NULL, plan->node_line, "node: there is none: switches are not told apart");
    } else if (plan->node.from.n_paths == 0) {
        tell(&telling, NULL, plan->node_line,
             "node: is a constant: all records come from one switch, or two are not told apart");
    }
    for (unsigned i = 0; i < source->n_sections; i++) {
        remark_section(source, &source->sections[i], &telling);
    }
}
