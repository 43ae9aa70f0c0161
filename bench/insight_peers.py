"""The questions of bench/insight, asked of the same Parquet files with DuckDB or polars, of lifetimes, and of TIFU-KNN:
`insight_peers.py duckdb|polars LAKE THREADS` · `insight_peers.py lifetimes HISTORIES` · `insight_peers.py baskets PARQUET CSV`
(writes the data set's baskets as numbers) · `insight_peers.py tifu CSV`. Prints what it found and its seconds as JSON."""

import json
import resource
import sys
import time


def duckdb_answers(lake, threads):
    import duckdb

    db = duckdb.connect()
    db.execute(f"SET threads = {threads}")
    db.execute(f"CREATE VIEW purchases AS SELECT * FROM read_parquet('{lake}/purchases/*/*.parquet')")
    customers = """
        SELECT member_id, max(day) FILTER (WHERE kind = 'purchase') AS last_day,
               count(*) FILTER (WHERE kind = 'purchase') AS purchases, sum(amount) AS amount
        FROM purchases GROUP BY member_id HAVING count(*) FILTER (WHERE kind = 'purchase') > 0"""
    rfm = f"""
        WITH customers AS ({customers}), scored AS (
            SELECT purchases, amount,
                   1 + floor(5 * percent_rank() OVER (ORDER BY last_day)) AS r,
                   1 + floor(5 * percent_rank() OVER (ORDER BY purchases)) AS f,
                   1 + floor(5 * percent_rank() OVER (ORDER BY amount)) AS m
            FROM customers)
        SELECT least(r, 5) AS r, least(f, 5) AS f, least(m, 5) AS m, count(*), sum(purchases), sum(amount)
        FROM scored GROUP BY ALL ORDER BY ALL"""
    deciles = f"""
        WITH ranked AS (SELECT greatest(amount, 0) AS amount, purchases,
                               ntile(10) OVER (ORDER BY greatest(amount, 0) DESC, member_id) AS decile FROM ({customers}))
        SELECT decile, count(*), sum(amount), sum(purchases), min(amount) FROM ranked GROUP BY decile ORDER BY decile"""
    cohorts = """
        WITH months AS (
            SELECT member_id, 12 * year(day) + month(day) - 1 AS month, sum(amount) AS amount,
                   count(*) FILTER (WHERE kind = 'purchase') AS purchases
            FROM purchases GROUP BY ALL
        ), begun AS (
            SELECT month, amount, purchases,
                   min(CASE WHEN purchases > 0 THEN month END) OVER (PARTITION BY member_id) AS cohort FROM months)
        SELECT cohort, month - cohort AS after, count(*) FILTER (WHERE purchases > 0), sum(amount)
        FROM begun WHERE month >= cohort GROUP BY ALL ORDER BY ALL"""
    return [db.execute(sql).fetchall() for sql in (rfm, deciles, cohorts)]


def polars_answers(lake, threads):
    import polars as pl

    purchases = pl.scan_parquet(f"{lake}/purchases/*/*.parquet", hive_partitioning=False)
    bought = pl.col("kind") == "purchase"
    customers = (
        purchases.group_by("member_id")
        .agg(pl.col("day").filter(bought).max().alias("last_day"), bought.sum().alias("purchases"), pl.col("amount").sum())
        .filter(pl.col("purchases") > 0)
    )

    def fifth(column):
        rank = (pl.col(column).rank("min").cast(pl.Float64) - 1) / (pl.len() - 1)
        return (1 + (5 * rank).floor()).clip(1, 5)

    rfm = (
        customers.with_columns(fifth("last_day").alias("r"), fifth("purchases").alias("f"), fifth("amount").alias("m"))
        .group_by("r", "f", "m").agg(pl.len(), pl.col("purchases").sum(), pl.col("amount").sum()).sort("r", "f", "m")
    )
    deciles = (
        customers.with_columns(pl.col("amount").clip(lower_bound=0)).sort("amount", descending=True)
        .with_columns((pl.int_range(pl.len()) * 10 // pl.len()).alias("decile"))
        .group_by("decile").agg(pl.len(), pl.col("amount").sum(), pl.col("purchases").sum(), pl.col("amount").min().alias("least")).sort("decile")
    )
    month = 12 * pl.col("day").dt.year().cast(pl.Int64) + pl.col("day").dt.month().cast(pl.Int64) - 1
    months = purchases.group_by("member_id", month.alias("month")).agg(pl.col("amount").sum(), bought.sum().alias("purchases"))
    cohorts = (
        months.with_columns(pl.col("month").filter(pl.col("purchases") > 0).min().over("member_id").alias("cohort"))
        .filter(pl.col("month") >= pl.col("cohort"))
        .group_by("cohort", (pl.col("month") - pl.col("cohort")).alias("after"))
        .agg((pl.col("purchases") > 0).sum(), pl.col("amount").sum()).sort("cohort", "after")
    )
    return [question.collect(engine="streaming").rows() for question in (rfm, deciles, cohorts)]


def lifetimes_fits(path):
    import numpy
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    table = numpy.loadtxt(path, delimiter=",", skiprows=1)
    repeats, recency, age, members = (table[:, column] for column in range(4))
    found = {}
    for name, fitter in (("BG/NBD", BetaGeoFitter), ("MBG/NBD", ModifiedBetaGeoFitter), ("Pareto/NBD", ParetoNBDFitter)):
        began = time.process_time()
        fitted = fitter(penalizer_coef=0.0).fit(repeats, recency, age, weights=members)
        found[name] = {"seconds": time.process_time() - began, "parameters": [float(value) for value in fitted.params_.values]}
    return found


def write_baskets(parquet, csv):
    import duckdb

    duckdb.sql(f"""
        COPY (SELECT dense_rank() OVER (ORDER BY user_id) - 1 AS customer, basket_no AS basket,
                     CAST(is_future AS INT) AS future, dense_rank() OVER (ORDER BY item_id) - 1 AS item
              FROM '{parquet}' ORDER BY 1, 2, 3, 4) TO '{csv}' (HEADER)""")


# As published for Ta-Feng: Hu et al., Modeling Personalized Item Frequency Information for Next-basket Recommendation (2020).
GROUP_SIZE, WITHIN_DECAY, GROUP_DECAY, NEIGHBOURS, OWN_WEIGHT = 7, 0.9, 0.7, 300, 0.7
CHUNK = 500


def tifu_weights(count):
    """The weight of each of a customer's baskets, the first first."""
    groups = -(-count // GROUP_SIZE)
    first = count - (groups - 1) * GROUP_SIZE
    weights = []
    for group in range(groups):
        size = first if group == 0 else GROUP_SIZE
        decay = GROUP_DECAY ** (groups - 1 - group) / groups
        weights += [decay * WITHIN_DECAY ** (size - 1 - place) / size for place in range(size)]
    return weights


def tifu(path):
    import numpy
    from scipy import sparse

    rows = numpy.loadtxt(path, delimiter=",", skiprows=1, dtype=numpy.int64)
    began, before = time.monotonic(), time.process_time()
    customers, items = int(rows[:, 0].max()) + 1, int(rows[:, 3].max()) + 1
    future = [set() for _ in range(customers)]
    baskets = [{} for _ in range(customers)]
    for customer, basket, last, item in rows.tolist():
        if last:
            future[customer].add(item)
        else:
            baskets[customer].setdefault(basket, []).append(item)
    places = ([], [], [])
    for customer, own in enumerate(baskets):
        for number, weight in zip(sorted(own), tifu_weights(len(own))):
            for item in own[number]:
                for place, value in zip(places, (customer, item, weight)):
                    place.append(value)
    vectors = sparse.csr_matrix((places[2], places[:2]), shape=(customers, items))
    squares = numpy.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    recall = 0.0
    for start in range(0, customers, CHUNK):
        own = vectors[start:start + CHUNK]
        count = own.shape[0]
        distance = squares[None, :] - 2 * (own @ vectors.T).toarray()
        distance[numpy.arange(count), numpy.arange(start, start + count)] = numpy.inf
        near = numpy.argpartition(distance, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        picked = (numpy.full(near.size, 1 / NEIGHBOURS), (numpy.repeat(numpy.arange(count), NEIGHBOURS), near.ravel()))
        mean = sparse.csr_matrix(picked, shape=(count, customers)) @ vectors
        score = (OWN_WEIGHT * own + (1 - OWN_WEIGHT) * mean).toarray()
        best = numpy.argpartition(-score, 10, axis=1)[:, :10]
        for place in range(count):
            chosen = future[start + place]
            recall += len(chosen.intersection(best[place].tolist())) / len(chosen)
    return {"customers": customers, "recall_at_10": round(recall / customers, 4),
            "seconds": round(time.monotonic() - began, 3), "processor_seconds": round(time.process_time() - before, 2)}


def main():
    what, place = sys.argv[1], sys.argv[2]
    if what == "baskets":
        write_baskets(place, sys.argv[3])
        return
    if what == "tifu":
        print(json.dumps(tifu(place)))
        return
    began = time.monotonic()
    if what == "lifetimes":
        print(json.dumps(lifetimes_fits(place)))
        return
    threads = int(sys.argv[3])
    answers = {"duckdb": duckdb_answers, "polars": polars_answers}[what](place, threads)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "seconds": round(time.monotonic() - began, 3),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "memory_mib": round(usage.ru_maxrss / 1024),
        "rows": [len(rows) for rows in answers],
        "amount": sum(row[-1] for row in answers[2]),
    }))


main()
