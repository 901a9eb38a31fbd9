"""Try to find the billing record that a record of insight was made of, by nothing but how both outputs look.

Who tries has all records of both, in the order in which they lie, and no key. What hour and buckets leave is the
baseline: of n billing records that would look the same in insight, a guess is right once in n times. An order that tells more
shows as more hits, or as ranks that rise together.
"""
import collections
import math


class Attack:
    """What an order of both outputs gave away."""

    def __init__(self, hits, baseline, n, correlation):
        self.hits, self.baseline, self.n, self.correlation = hits, baseline, n, correlation

    def beats_chance(self):
        """@return a sentence where it does better than hour and buckets: at five and six standard deviations; else None."""
        if self.hits > self.baseline + 5 * math.sqrt(self.baseline) + 5:
            return f"{self.hits} of {self.n} found, {self.baseline:.1f} by chance"
        if abs(self.correlation) > 6 / math.sqrt(self.n):
            return f"ranks correlate by {self.correlation:.3f} over {self.n} records"
        return None

    def __str__(self):
        return f"{self.hits} of {self.n} found, {self.baseline:.1f} by chance, ranks correlate by {self.correlation:.3f}"


def by_rank(insight, billing, truth):
    """Match the records that look the same by their rank among them.

    @param insight  [(view, name)] in the order to try; `view` is what hour and buckets show.
    @param billing  [(view, name)] in its order; the view as insight would show it.
    @param truth    {name of an insight record: name of its billing record}.
    """
    groups = collections.defaultdict(lambda: ([], []))
    for which, records in enumerate((insight, billing)):
        for view, name in records:
            groups[view][which].append(name)
    hits, baseline, pairs = 0, 0.0, []
    for view, (ours, theirs) in groups.items():
        if not ours:
            continue
        assert theirs, f"no billing record looks like insight's {view}"
        place = {name: i for i, name in enumerate(theirs)}
        for i, name in enumerate(ours):
            guess = theirs[i * len(theirs) // len(ours)]
            hits += truth[name] == guess
            baseline += 1 / len(theirs)
            # Ranks within the group, from -1 to 1; one that is alone tells nothing.
            if len(ours) > 1:
                pairs.append((2 * i / (len(ours) - 1) - 1, 2 * place[truth[name]] / (len(theirs) - 1) - 1))
    xx, yy, xy = (sum(f(p) for p in pairs) for f in (lambda p: p[0] ** 2, lambda p: p[1] ** 2, lambda p: p[0] * p[1]))
    return Attack(hits, baseline, len(insight), xy / math.sqrt(xx * yy) if xx and yy else 0.0)


def hour_of(ms):
    return ms - ms % 3600000


def bucket_of(value, bounds):
    """@return the largest bound up to the value, else 0."""
    return max((b for b in bounds if b <= value), default=0)
