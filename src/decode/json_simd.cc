// SPDX-License-Identifier: Apache-2.0

/*
 * The first stage of simdjson alone: it marks where tokens begin and checks UTF-8, several octets
 * an instruction. What the tokens mean is json_walk.c's
 * (docs/adr/0003-simdjson-structural-index.md).
 *
 * The index takes four octets for each octet of the longest record so far; it grows by doubling.
 */

#include "json.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include <simdjson.h>

namespace
{
constexpr std::size_t first_capacity = 64 * 1024;
constexpr std::size_t kept_capacity = 1024 * 1024;

[[noreturn]] void out_of_memory()
{
    std::fputs("winnow: out of memory\n", stderr);
    std::abort();
}
} // namespace

struct wn_json_simd {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    std::size_t capacity = 0;

    void make_room(std::size_t size)
    {
        parser.reset();
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                size, WN_DEPTH, parser) != simdjson::SUCCESS) {
            out_of_memory();
        }
        capacity = size;
    }
};

struct wn_json_simd *wn_json_simd_open(void)
{
    auto *simd = new (std::nothrow) wn_json_simd;
    if (simd == nullptr) {
        out_of_memory();
    }
    simd->make_room(first_capacity);
    return simd;
}

struct wn_json_simd *wn_json_simd_close(struct wn_json_simd *simd)
{
    delete simd;
    return nullptr;
}

enum wn_json_indexed wn_json_simd_index(struct wn_json_simd *simd, struct wn_slice text,
                                        const uint32_t **ret_index, size_t *ret_n)
{
    if (text.len > simd->capacity) {
        std::size_t capacity = simd->capacity;
        while (capacity < text.len) {
            capacity *= 2;
        }
        simd->make_room(capacity);
    }
    const auto *bytes = reinterpret_cast<const uint8_t *>(text.at);
    const auto error = simd->parser->stage1(bytes, text.len, simdjson::stage1_mode::regular);
    switch (error) {
    case simdjson::SUCCESS:
    case simdjson::UTF8_ERROR:
        *ret_index = simd->parser->structural_indexes.get();
        *ret_n = simd->parser->n_structural_indexes;
        return error == simdjson::SUCCESS ? WN_JSON_INDEXED : WN_JSON_BAD_UTF8;
    case simdjson::UNESCAPED_CHARS:
        return WN_JSON_CONTROL;
    default:
        return WN_JSON_UNCLOSED;
    }
}

void wn_json_simd_shrink(struct wn_json_simd *simd)
{
    if (simd->capacity > kept_capacity) {
        simd->make_room(first_capacity);
    }
}
