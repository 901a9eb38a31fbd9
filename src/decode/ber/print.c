// SPDX-License-Identifier: Apache-2.0

#include "winnow/ber_print.h"

#include "frame.h"
#include "route.h"
#include "winnow/format.h"

enum {
    TAG_BYTES = 32, ///< Of a tag's name.
};

/** What is being printed. */
struct printing {
    const struct wn_ber_printing *how;
    struct wn_buffer *out;
    struct wn_arena *arena;
    struct wn_error *err;
};

static const struct wn_ber_type octets_type = { .name = "octets",
                                                .what = WN_BER_VALUE,
                                                .form = WN_FORM_OCTETS };

static enum wn_code print_element(const struct printing *p, const struct wn_ber_type *type,
                                  const struct wn_element *element, bool in_list, unsigned depth);

static bool is_number(uint8_t form)
{
    return form == WN_FORM_INTEGER || form == WN_FORM_UNSIGNED || form == WN_FORM_BOOLEAN ||
           form == WN_FORM_ENUM;
}

/** Print a value by its form; in hexadecimal where it can't be read so. */
static void print_value(const struct printing *p, const struct wn_ber_type *type,
                        const struct wn_element *element, bool in_list)
{
    struct wn_taken taken = {
        .state = WN_TAKEN_TEXT,
        .form = type->form,
        .text = type->form == WN_FORM_IP && in_list ? element->whole : element->content,
    };
    struct wn_slice text = { 0 };
    struct wn_error unused;
    const bool has_form = is_number(type->form) || type->form == WN_FORM_TEXT ||
                          type->form == WN_FORM_BITS || type->form == WN_FORM_OID;
    if (element->constructed && !is_number(type->form) && type->form != WN_FORM_IP) {
        taken.text = wn_element_join(element, p->arena);
    }
    if (type->form == WN_FORM_NULL) {
        p->how->write(p->out, wn_slice_of("null"), true);
        return;
    }
    if (p->how->octets && !has_form) {
        taken.form = WN_FORM_OCTETS;
    }
    if (wn_taken_text(&taken, p->arena, &text, &unused) != WN_OK) {
        taken.form = WN_FORM_OCTETS;
        if (wn_taken_text(&taken, p->arena, &text, &unused) != WN_OK) {
            text = (struct wn_slice){ 0 }; // Octets can always be read.
        }
    }
    uint64_t number;
    const char *word =
        taken.form == WN_FORM_ENUM && wn_slice_number(text, &number) && number <= UINT32_MAX
            ? wn_ber_find_word(type, (unsigned)number)
            : NULL;
    if (taken.form == WN_FORM_BITS) {
        wn_buffer_text(p->out, "[");
        p->how->write(p->out, text, true);
        wn_buffer_text(p->out, "]");
        return;
    }
    if (word) { // Of the description, not of the record: it may always be seen.
        wn_buffer_format(p->out, "\"%s\"", word);
        return;
    }
    p->how->write(p->out, text, is_number(taken.form));
}

static void print_name(const struct printing *p, struct wn_slice name, bool is_first)
{
    wn_buffer_text(p->out, is_first ? "\"" : ",\"");
    wn_buffer_add(p->out, name.at, name.len);
    wn_buffer_text(p->out, "\":");
}

/** Print the fields of a group, or the alternative of a choice. */
static enum wn_code print_group(const struct printing *p, const struct wn_ber_type *type,
                                struct wn_slice content, unsigned depth)
{
    bool is_first = true;
    wn_buffer_text(p->out, "{");
    for (wn_element_skip_zeros(&content); content.len > 0; wn_element_skip_zeros(&content)) {
        struct wn_element element;
        char tag[TAG_BYTES];
        if (wn_element_next(&content, &element, p->err) != WN_OK) {
            return p->err->code;
        }
        const struct wn_ber_field *field = wn_ber_find(type, element.tag);
        const struct wn_slice name =
            field ? (struct wn_slice){ field->name, field->len }
                  : (struct wn_slice){ tag, wn_route_tag_name(element.tag, tag) };
        print_name(p, name, is_first);
        is_first = false;
        if (print_element(p, field ? &wn_ber_types[field->type] : &octets_type, &element, false,
                          depth) != WN_OK) {
            return p->err->code;
        }
    }
    wn_buffer_text(p->out, "}");
    return WN_OK;
}

static enum wn_code print_list(const struct printing *p, const struct wn_ber_type *type,
                               struct wn_slice content, unsigned depth)
{
    const char *between = "";
    wn_buffer_text(p->out, "[");
    for (wn_element_skip_zeros(&content); content.len > 0; wn_element_skip_zeros(&content)) {
        struct wn_element element;
        if (wn_element_next(&content, &element, p->err) != WN_OK) {
            return p->err->code;
        }
        wn_buffer_text(p->out, between);
        between = ",";
        if (print_element(p, &wn_ber_types[type->of], &element, true, depth) != WN_OK) {
            return p->err->code;
        }
    }
    wn_buffer_text(p->out, "]");
    return WN_OK;
}

static enum wn_code print_element(const struct printing *p, const struct wn_ber_type *type,
                                  const struct wn_element *element, bool in_list, unsigned depth)
{
    if (depth == 0) {
        return wn_fail(p->err, WN_REJECT, "too-deep", "nested deeper than %d", WN_DEPTH);
    }
    switch ((enum wn_ber_what)type->what) {
    case WN_BER_GROUP:
        return print_group(p, type, element->content, depth - 1);
    case WN_BER_CHOICE:
        return print_group(p, type, in_list ? element->whole : element->content, depth - 1);
    case WN_BER_LIST:
        return print_list(p, type, element->content, depth - 1);
    case WN_BER_VALUE:
    default:
        print_value(p, type, element, in_list);
        return WN_OK;
    }
}

enum wn_code wn_ber_print(const struct wn_ber_printing *how, struct wn_slice raw,
                          struct wn_buffer *out, struct wn_error *err)
{
    const struct wn_ber_record *record;
    struct wn_slice content;
    struct wn_arena arena = { 0 };
    const size_t before = out->len;
    const struct printing printing = { .how = how, .out = out, .arena = &arena, .err = err };
    if (wn_ber_dispatch(raw, WN_FRAME_NO_STANDARD, &record, &content, err) != WN_OK) {
        return err->code;
    }
    wn_buffer_format(out, "{\"record\":\"%s\",\"value\":", record->kind.name);
    const struct wn_ber_type none = { .what = WN_BER_GROUP };
    const enum wn_code rc = print_group(
        &printing, record->fields ? &wn_ber_types[record->fields] : &none, content, WN_DEPTH);
    wn_buffer_text(out, "}");
    if (rc != WN_OK) {
        out->len = before;
    }
    wn_arena_deinit(&arena);
    return rc;
}
