// SPDX-License-Identifier: Apache-2.0

/*
 * Every state, breadth first, so that a counterexample is a shortest one. Then the steps that are
 * no faults are walked depth first: a cycle among them, or an end that is not the goal, is a
 * livelock. Exit 0: holds, 1: counterexample, 2: usage or too large.
 */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static S *st;
static uint32_t *par, *tab, nst, cap = 60000000;
static uint64_t tabmask;
static uint64_t hash(const S *s)
{
    const u8 *b = (const u8 *)s;
    uint64_t h = 0x9e3779b97f4a7c15u, w;
    size_t i = 0;
    for (; i + 8 <= sizeof *s; i += 8)
        memcpy(&w, b + i, 8), h = (h ^ w) * 0xff51afd7ed558ccdu, h ^= h >> 32;
    for (w = 0; i < sizeof *s; i++)
        w = w << 8 | b[i];
    h = (h ^ w) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}
static uint32_t find(const S *s, int add, uint32_t from)
{
    for (uint64_t i = hash(s) & tabmask;; i = (i + 1) & tabmask) {
        if (!tab[i]) {
            if (!add)
                return 0;
            if (nst >= cap) {
                fprintf(stderr, "more than %u states\n", cap);
                exit(2);
            }
            st[nst] = *s, par[nst] = from;
            return tab[i] = ++nst;
        }
        if (!memcmp(&st[tab[i] - 1], s, sizeof *s))
            return tab[i];
    }
}

static void successors(const S *s, sink *f)
{
    out_ = f;
    for (int i = 0; i < NPROC; i++)
        proc_steps(s, i);
    broker_steps(s);
}

static uint32_t cur;
static unsigned long edges;
static void add(const S *n, int fault)
{
    (void)fault;
    edges++;
    find(n, 1, cur);
}
static const S *want;
static char found[200];
static void match(const S *n, int fault)
{
    (void)fault;
    if (!found[0] && !memcmp(n, want, sizeof *n))
        strcpy(found, label);
}
static void step_text(uint32_t a, uint32_t b)
{
    want = &st[b], found[0] = 0, tracing = 1;
    successors(&st[a], match);
    tracing = 0;
    printf("   %s\n", found);
}
static void trace(uint32_t x)
{
    uint32_t path[4000];
    int n = 0;
    for (; x != UINT32_MAX && n < 4000; x = par[x])
        path[n++] = x;
    for (int k = n - 1; k > 0; k--)
        step_text(path[k], path[k - 1]);
}
/* The walk over steps that are no faults. colour: 0 new, 1 on the stack, 2 finished. */
static u8 *colour;
static uint32_t *kid, nkid, kidcap;
static void collect(const S *n, int fault)
{
    if (fault)
        return;
    if (nkid == kidcap)
        kid = realloc(kid, (kidcap = kidcap ? 2 * kidcap : 1 << 20) * sizeof *kid);
    kid[nkid++] = find(n, 0, 0) - 1;
}
struct frame {
    uint32_t s, from, at;
    u8 any;
};
static int livelock(void)
{
    colour = calloc(nst, 1);
    struct frame *fr = malloc(sizeof *fr * 100000);
    if (!colour || !fr)
        exit(2);
    for (uint32_t r = 0; r < nst; r++) {
        if (colour[r])
            continue;
        int d = 0;
        nkid = 0;
        fr[0] = (struct frame){ r, 0, 0, 0 };
        colour[r] = 1;
        if (!goal(&st[r]))
            successors(&st[r], collect);
        while (d >= 0) {
            struct frame *f = &fr[d];
            if (f->at == 0 && nkid == f->from && !goal(&st[f->s])) {
                printf("STUCK: no step is left, the work is not done\n"), trace(f->s);
                return 1;
            }
            uint32_t k = f->from + f->at;
            if (k >= nkid) {
                colour[f->s] = 2, nkid = f->from, d--;
                continue;
            }
            f->at++;
            uint32_t c = kid[k];
            if (colour[c] == 2)
                continue;
            if (colour[c] == 1) {
                printf("CYCLE: this can go on for ever without a fault\n"), trace(c),
                    printf("   --- and round:\n");
                int a = d;
                while (fr[a].s != c)
                    a--;
                for (; a < d; a++)
                    step_text(fr[a].s, fr[a + 1].s);
                step_text(fr[d].s, c);
                return 1;
            }
            colour[c] = 1;
            /* this frame's remaining children stay on the pile below the new frame's */
            uint32_t base = nkid;
            if (!goal(&st[c]))
                successors(&st[c], collect);
            if (++d == 100000)
                exit(2);
            fr[d] = (struct frame){ c, base, 0, 0 };
        }
    }
    return 0;
}
static int usage(void)
{
    fprintf(stderr,
            "model [-f N faults] [-e N environment's faults] [-E mask of them] [-k mask of faults] "
            "[-m mutant]... [-x amendment off]... [-X all off]\n"
            "      [-b records a batch] [-c millions of states at most] [-l skip the livelock "
            "walk] [-i false alarms of fenced workers are no matter] [-q no trace]\n");
    return 2;
}
int main(int argc, char **argv)
{
    int f = 2, e = 0, skip = 0, quiet = 0;
    for (int o; (o = getopt(argc, argv, "f:e:E:k:m:x:Xb:c:liq")) != -1;)
        switch (o) {
        case 'f':
            f = atoi(optarg);
            break;
        case 'e':
            e = atoi(optarg);
            break;
        case 'E':
            envs = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'k':
            faults = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'm':
            mut |= 1u << atoi(optarg);
            break;
        case 'x':
            fix &= ~(unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'X':
            fix = 0;
            break;
        case 'b':
            batch_max = atoi(optarg);
            break;
        case 'c':
            cap = (uint32_t)atoi(optarg) * 1000000u;
            break;
        case 'l':
            skip = 1;
            break;
        case 'i':
            alarms = 0;
            break;
        case 'q':
            quiet = 1;
            break;
        default:
            return usage();
        }
    for (tabmask = 1; tabmask < cap * 3ull / 2; tabmask *= 2)
        ;
    st = mmap(NULL, cap * sizeof *st, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    par = mmap(NULL, cap * sizeof *par, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    tab = mmap(NULL, tabmask * sizeof *tab, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    tabmask--;
    if (st == MAP_FAILED || par == MAP_FAILED || tab == MAP_FAILED)
        return perror("mmap"), 2;
    S s;
    memset(&s, 0, sizeof s);
    for (int p = 0; p < NP; p++)
        s.offv[p] = NONE, s.owner[p] = NONE, s.s[p].inc = NONE;
    s.gproc[0] = s.gproc[1] = 3, s.f = (u8)f, s.ef = (u8)e;
    find(&s, 1, UINT32_MAX);
    clock_t t0 = clock();
    int rc = 0;
    for (cur = 0; cur < nst && !rc; cur++) {
        const char *why = bad(&st[cur]);
        if (why) {
            printf("VIOLATED: %s\n", why);
            if (!quiet)
                trace(cur);
            rc = 1;
            break;
        }
        S c = st[cur];
        successors(&c, add);
    }
    printf("%s states=%u edges=%lu faults=%d+%d sizeof=%zu %.1fs\n", rc ? "BAD" : "safe", nst,
           edges, f, e, sizeof s, (double)(clock() - t0) / CLOCKS_PER_SEC);
    if (!rc && !skip) {
        rc = livelock();
        printf("%s %.1fs\n", rc ? "LIVELOCK" : "live", (double)(clock() - t0) / CLOCKS_PER_SEC);
    }
    return rc;
}
