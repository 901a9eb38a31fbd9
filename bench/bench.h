// SPDX-License-Identifier: Apache-2.0

/**
 * What benchmarks in C share: CPU time of each of many runs, and the one line that each figure
 * prints: `name value unit (what)`. CPU time and not the clock on the wall, since the machines that
 * this runs on are shared. What is compared runs in turn, so that whatever disturbs the machine
 * disturbs both; the figure is the median, and the best beside it: where they are far apart, the
 * machine was not quiet.
 */

#ifndef BENCH_H
#define BENCH_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BENCH_RUNS = 256 ///< Of a series, at most.
};

/** @return CPU time that this process has used [s]. */
static inline double bench_cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/** A figure of each of several runs; all-zero is the empty series. */
struct bench_series {
    double values[BENCH_RUNS];
    unsigned n;
};

static inline void bench_add(struct bench_series *series, double value)
{
    assert(series->n < BENCH_RUNS);
    series->values[series->n++] = value;
}

static inline int bench_compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/** @return the value that this share of the runs is not above: 0 is the least, 0.5 the median. */
static inline double bench_quantile(const struct bench_series *series, double share)
{
    struct bench_series sorted = *series;
    assert(sorted.n > 0);
    qsort(sorted.values, sorted.n, sizeof(sorted.values[0]), bench_compare);
    return sorted.values[(unsigned)(share * (sorted.n - 1))];
}

/** Print a benchmark's line. */
static inline void bench_print(const char *name, double value, const char *unit, const char *what)
{
    printf("%s %.2f %s (%s)\n", name, value, unit, what);
}

#endif
