-- Do lines say what they are: a category, or at least an article? And how many members bought?
SELECT count(*) AS lines,
       count(category) AS with_category,
       count(sku) AS with_sku,
       count(DISTINCT member_id) AS members
FROM items
