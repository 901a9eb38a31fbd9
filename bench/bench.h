// SPDX-License-Identifier: Apache-2.0

/**
 * What all benchmarks share: CPU time of the best of N runs, and the one line that each prints:
 * `name value unit (what)`. CPU time and not the clock on the wall, since the machines that this
 * runs on are shared; the best and not the mean, since noise only ever adds.
 */

#ifndef BENCH_H
#define BENCH_H

#include <float.h>
#include <stdio.h>
#include <time.h>

/** @return CPU time that this process has used [s]. */
static inline double bench_cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/** The best of several runs; begin with BENCH_BEST. */
struct bench_best {
    double cpu_s;
    double begin_s;
};

#define BENCH_BEST                                                                                 \
    {                                                                                              \
        .cpu_s = DBL_MAX                                                                           \
    }

/** A run begins. */
static inline void bench_begin(struct bench_best *best)
{
    best->begin_s = bench_cpu_s();
}

/** It ends; kept where it was the fastest so far. */
static inline void bench_end(struct bench_best *best)
{
    const double cpu_s = bench_cpu_s() - best->begin_s;
    best->cpu_s = cpu_s < best->cpu_s ? cpu_s : best->cpu_s;
}

/** Print a benchmark's line. */
static inline void bench_print(const char *name, double value, const char *unit, const char *what)
{
    printf("%s %.2f %s (%s)\n", name, value, unit, what);
}

#endif
