-- What does each {article} cost on average? Millionths of a minor unit for a thousandth of an item, so that sums are exact.
CREATE VIEW stack_prices AS
SELECT {article} AS article,
       CAST(1000000 * CAST(sum(amount) AS DOUBLE)
            / sum(CASE WHEN quantity_milli > 0 THEN quantity_milli ELSE 1000 END) AS BIGINT) AS price
FROM items
GROUP BY {article}
