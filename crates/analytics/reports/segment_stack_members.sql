-- What is known of the members beside what they buy?
SELECT member_id, member, birth_year FROM members ORDER BY member_id
