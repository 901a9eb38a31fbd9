// SPDX-License-Identifier: Apache-2.0

#include "winnow/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCK_BYTES = 64 * 1024,
    ALIGN = 16
};

struct wn_arena_block {
    struct wn_arena_block *next; ///< The block filled before this one.
    size_t used, size;
    _Alignas(ALIGN) char bytes[];
};

static struct wn_arena_block *add_block(struct wn_arena *arena, size_t least)
{
    size_t size = least > BLOCK_BYTES ? least : BLOCK_BYTES;
    struct wn_arena_block *block = malloc(sizeof(*block) + size);
    if (!block) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    block->next = arena->blocks;
    block->used = 0;
    block->size = size;
    arena->blocks = block;
    return block;
}

void *wn_arena_take(struct wn_arena *arena, size_t size)
{
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct wn_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        block = add_block(arena, size);
    }
    void *at = block->bytes + block->used;
    block->used += size;
    return at;
}

void *wn_arena_zeroed(struct wn_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    void *at = wn_arena_take(arena, bytes);
    memset(at, 0, bytes);
    return at;
}

struct wn_slice wn_arena_copy(struct wn_arena *arena, struct wn_slice bytes)
{
    char *copy = wn_arena_take(arena, bytes.len + 1);
    if (bytes.len > 0) {
        memcpy(copy, bytes.at, bytes.len);
    }
    copy[bytes.len] = '\0';
    return (struct wn_slice){ copy, bytes.len };
}

void wn_arena_reset(struct wn_arena *arena)
{
    while (arena->blocks) {
        struct wn_arena_block *block = arena->blocks;
        explicit_bzero(block->bytes, block->used);
        block->used = 0;
        if (!block->next && block->size == BLOCK_BYTES) {
            return; // The first block is kept.
        }
        arena->blocks = block->next;
        free(block);
    }
}

void wn_arena_deinit(struct wn_arena *arena)
{
    wn_arena_reset(arena);
    free(arena->blocks);
    arena->blocks = NULL;
}
