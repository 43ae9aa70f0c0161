//! Which categories members buy.

use super::answer::{Figure, Kind};
use super::asked::Asked;
use super::error::ReportError;

const SQL: &str = include_str!("../../reports/categories.sql");

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let rows = asked.rows("categories", SQL, &[]).await?;
    let names = rows.texts("category")?;
    let members = rows.counts("members")?;
    if names.iter().all(String::is_empty) {
        return Err(ReportError::NoData {
            code: "no-category",
            missing: "no line of these purchases has a category",
            remedy: "name the category's column in the import map, or send categories with purchases",
        });
    }
    // The categories overlap; the largest is how many members at least there are.
    asked.members(members.iter().copied().max().unwrap_or(0))?;
    let lines = rows.counts("lines")?;
    let unknown = names.iter().position(String::is_empty).map_or(0, |row| lines[row]);
    asked.note("lines-without-category", unknown);
    let known = names.iter().filter(|name| !name.is_empty()).count();
    let cases = lines.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "there are few categories")]
    asked.figure(Figure::exact("categories", Kind::Count, known as f64, cases));
    let columns = [
        ("category", Kind::Text),
        ("members", Kind::Count),
        ("penetration", Kind::Share),
        ("lines", Kind::Count),
        ("amount", Kind::Money),
        ("amount_share", Kind::Share),
        ("lines_per_member", Kind::Number),
    ];
    asked.table(rows.table("categories", &columns)?);
    Ok(())
}
