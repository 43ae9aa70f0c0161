-- How many members were merged into one of another arm? What they did before counts for an arm that was not theirs.
WITH pairs AS (
    SELECT place({salt}, gone.member) AS gone_place, place({salt}, kept.member) AS place
    FROM members gone
    JOIN members kept ON kept.member_id = gone.leads_to
), arms AS (
    SELECT {gone_arm} AS gone_arm, {arm} AS arm FROM pairs
)
SELECT count(*) AS members FROM arms WHERE gone_arm <> arm
