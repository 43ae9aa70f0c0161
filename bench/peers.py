"""Reads a CSV file of line items and groups it by receipt, with DuckDB or polars: `peers.py duckdb|polars FILE`."""

import sys


def duckdb_receipts(path):
    import duckdb

    return duckdb.sql(
        f"""
        SELECT receipt, any_value(member_id) AS member, min(occurred_at) AS occurred_at, sum(amount) AS amount,
               count(*) AS lines
        FROM read_csv('{path}') GROUP BY receipt ORDER BY occurred_at
        """
    ).fetchnumpy()["receipt"]


def polars_receipts(path):
    import polars

    return (
        polars.scan_csv(path)
        .group_by("receipt")
        .agg(
            polars.first("member_id"),
            polars.min("occurred_at"),
            polars.sum("amount"),
            polars.len().alias("lines"),
        )
        .sort("occurred_at")
        .collect()
    )


readers = {"duckdb": duckdb_receipts, "polars": polars_receipts}
print(len(readers[sys.argv[1]](sys.argv[2])), "receipts")
