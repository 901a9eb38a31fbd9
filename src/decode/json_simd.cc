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
constexpr std::size_t kibi = 1024;
constexpr std::size_t first_capacity = 64 * kibi;
constexpr std::size_t kept_capacity = kibi * kibi;
} // namespace

struct wn_json_simd {
  public:
    wn_json_simd()
    {
        make_room(first_capacity);
    }

    wn_json_indexed index(wn_slice text, const uint32_t **ret_index, std::size_t *ret_n)
    {
        if (text.len >= capacity) {
            std::size_t more = capacity;
            while (more <= text.len) {
                more *= 2;
            }
            make_room(more);
        }
        const auto *bytes = reinterpret_cast<const uint8_t *>(text.at);
        const auto error = parser->stage1(bytes, text.len, simdjson::stage1_mode::regular);
        if (error == simdjson::SUCCESS || error == simdjson::UTF8_ERROR) {
            *ret_index = parser->structural_indexes.get();
            *ret_n = parser->n_structural_indexes;
            return error == simdjson::SUCCESS ? WN_JSON_INDEXED : WN_JSON_BAD_UTF8;
        }
        return error == simdjson::UNESCAPED_CHARS ? WN_JSON_CONTROL : WN_JSON_UNCLOSED;
    }

    void shrink()
    {
        if (capacity > kept_capacity) {
            make_room(first_capacity);
        }
    }

  private:
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    std::size_t capacity = 0;

    void make_room(std::size_t size)
    {
        parser.reset();
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                size, WN_DEPTH, parser) != simdjson::SUCCESS) {
            std::fputs("winnow: out of memory\n", stderr);
            std::abort();
        }
        capacity = size;
    }
};

struct wn_json_simd *wn_json_simd_open(void)
{
    auto *simd = new (std::nothrow) wn_json_simd;
    if (simd == nullptr) {
        std::fputs("winnow: out of memory\n", stderr);
        std::abort();
    }
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
    return simd->index(text, ret_index, ret_n);
}

void wn_json_simd_shrink(struct wn_json_simd *simd)
{
    simd->shrink();
}
