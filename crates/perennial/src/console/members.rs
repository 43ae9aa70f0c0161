//! The list of members: search by any identifier, name or pinyin; filters, order and page in the address.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::ledger::AccountStatus;
use domain::member::{Identifier, IdentifierKind};
use domain::money::Money;
use domain::programme::CompiledProgramme;
use jiff::{SignedDuration, Timestamp};
use operations::{MEMBER_PAGE_SIZE_MAX, MemberRow, MemberSearch, MemberSort, OperationError};
use serde::Deserialize;

use super::Console;
use super::csv_file::{CsvFile, Rows, download_rows};
use super::format::number;
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, ok};
use super::problem;
use super::query::address;
use super::roles::Permission;
use super::session::Reader;

/// Members on a page.
const PAGE_SIZE: u16 = 50;

/// Search, filters, order and page, as the address has them.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct MembersQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    tier: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    bought: String,
    #[serde(default)]
    points_min: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "console/members.html")]
struct MembersPage {
    f: Frame,
    filter: MembersQuery,
    filtered: bool,
    csv: Option<String>,
    tiers: Vec<Choice>,
    statuses: Vec<Choice>,
    recency: Vec<Choice>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    count: String,
    first_page: Option<String>,
    next_page: Option<String>,
    error: Option<String>,
}

struct Column {
    label: String,
    class: &'static str,
    address: Option<String>,
    order: Option<&'static str>,
    arrow: &'static str,
}

struct Row {
    id: String,
    name: String,
    identifier: String,
    tier: Option<TierBadge>,
    closed: bool,
    points: String,
    pending: Option<String>,
    spend: String,
    purchases: String,
    last_purchase: Option<Moment>,
    enrolled: Moment,
}

/// A tier as a coloured word.
pub(super) struct TierBadge {
    /// Position on its ladder, for the colour.
    pub(super) rank: usize,
    /// Its name.
    pub(super) name: String,
}

/// The page, or the part of it that a search changes.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<MembersQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Members;
    let now = console.engine.clock().now();
    let (search, error) = match query.search(now, PAGE_SIZE) {
        Ok(search) => (search, None),
        Err(value) => {
            (MemberSearch { limit: PAGE_SIZE, ..MemberSearch::default() }, Some(f.v("number-invalid", value)))
        }
    };
    let found = match console.engine.search_members(&search).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let tier = query.tier.as_str();
    let tiers = programme.as_deref().map_or_else(Vec::new, |programme| tier_choices(&f, programme, tier));
    let recency = ["within-30", "within-90", "over-90", "over-365"];
    let rows = found.members.iter().map(|member| row(&f, programme.as_deref(), member, now)).collect();
    ok(&MembersPage {
        filtered: query.filtered(),
        csv: f.may(Permission::ExportMembers).then(|| query.address("/console/members.csv", "")),
        tiers,
        statuses: ["active", "closed"]
            .map(|status| Choice::new(status, f.named("status-", status), &query.status))
            .into(),
        recency: recency.map(|key| Choice::new(key, f.t(key), &query.bought)).into(),
        columns: query.columns(&f),
        rows,
        count: f.n("members-count", found.total),
        first_page: (!query.after.is_empty()).then(|| query.address("/console/members", "")),
        next_page: found.next.map(|after| query.address("/console/members", &after)),
        filter: query,
        error,
        f,
    })
}

/// The list as a file, all pages of it.
pub(super) async fn file(
    State(console): State<Console>,
    Query(query): Query<MembersQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ExportMembers)?.frame;
    let now = console.engine.clock().now();
    let mut search = match query.search(now, MEMBER_PAGE_SIZE_MAX) {
        Ok(search) => search,
        // Everybody is not what was asked for.
        Err(value) => {
            let detail = f.v("number-invalid", value);
            return Ok(problem::refused_query(f, detail));
        }
    };
    search.after = None;
    let headings = [
        "member",
        "profile-name",
        "identifier-card",
        "identifier-phone",
        "identifier-email",
        "identifier-external",
        "tier",
        "status",
        "points",
        "pending",
        "spend",
        "purchases",
        "last-purchase",
        "enrolled",
    ];
    let programme = console.programme();
    Ok(download_rows(f, "members", &headings, MemberRows { console, programme, search }).await)
}

/// The members of a file, page by page.
struct MemberRows {
    console: Console,
    programme: Option<Arc<CompiledProgramme>>,
    search: MemberSearch,
}

impl Rows for MemberRows {
    async fn write_next(&mut self, f: &Frame, file: &mut CsvFile) -> Result<bool, OperationError> {
        let found = self.console.engine.search_members(&self.search).await?;
        let programme = self.programme.as_deref();
        found.members.iter().for_each(|member| file.row(&file_row(f, programme, member)));
        self.search.after = found.next;
        Ok(self.search.after.is_some())
    }
}

fn file_row(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberRow) -> Vec<String> {
    let identifier = |kind| {
        let of_kind = member.identifiers.iter().find(|identifier| identifier.kind == kind);
        of_kind.map_or_else(String::new, |identifier| identifier.value.clone())
    };
    let day = |instant| f.formats.zone.to_datetime(instant).date().to_string();
    // Money as a plain decimal, which a spreadsheet can add up.
    let spend = programme.map_or_else(
        || member.spend.to_string(),
        |programme| {
            let money = Money { amount: member.spend, currency: programme.programme().currency };
            money.to_string().split(' ').next().unwrap_or_default().to_owned()
        },
    );
    vec![
        member.member_id.to_string(),
        member.name.clone().unwrap_or_default(),
        identifier(IdentifierKind::Card),
        identifier(IdentifierKind::Phone),
        identifier(IdentifierKind::Email),
        identifier(IdentifierKind::External),
        tier_badge(f, programme, member).map_or_else(String::new, |tier| tier.name),
        f.named("status-", status_name(member.status)),
        member.points.to_string(),
        member.pending.to_string(),
        spend,
        member.purchase_count.to_string(),
        member.last_purchase_at.map_or_else(String::new, day),
        day(member.enrolled_at),
    ]
}

fn status_name(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Closed => "closed",
    }
}

impl MembersQuery {
    fn filtered(&self) -> bool {
        [&self.q, &self.tier, &self.status, &self.bought, &self.points_min]
            .iter()
            .any(|value| !value.is_empty())
    }

    /// What to look for; `Err` with the value that is not a number.
    fn search(&self, now: Timestamp, limit: u16) -> Result<MemberSearch, String> {
        let ago = |days: i64| now.checked_sub(SignedDuration::from_hours(24 * days)).ok();
        let points_min = match self.points_min.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| text.to_owned())?),
        };
        Ok(MemberSearch {
            text: Some(self.q.trim().to_owned()).filter(|text| !text.is_empty()),
            tier: self.tier.parse().ok(),
            status: match self.status.as_str() {
                "active" => Some(AccountStatus::Active),
                "closed" => Some(AccountStatus::Closed),
                _ => None,
            },
            points_min,
            last_purchase_after: match self.bought.as_str() {
                "within-30" => ago(30),
                "within-90" => ago(90),
                _ => None,
            },
            last_purchase_before: match self.bought.as_str() {
                "over-90" => ago(90),
                "over-365" => ago(365),
                _ => None,
            },
            sort: self.sort(),
            descending: self.descending(),
            limit,
            after: Some(self.after.clone()).filter(|after| !after.is_empty()),
            ..MemberSearch::default()
        })
    }

    fn sort(&self) -> MemberSort {
        match self.sort.as_str() {
            "name" => MemberSort::Name,
            "points" => MemberSort::Points,
            "last" => MemberSort::LastPurchaseAt,
            "enrolled" => MemberSort::EnrolledAt,
            _ => MemberSort::Spend,
        }
    }

    fn descending(&self) -> bool {
        match self.direction.as_str() {
            "up" => false,
            "down" => true,
            _ => self.sort() != MemberSort::Name,
        }
    }

    fn address(&self, path: &str, after: &str) -> String {
        self.ordered(path, &self.sort, &self.direction, after)
    }

    fn ordered(&self, path: &str, sort: &str, direction: &str, after: &str) -> String {
        address(
            path,
            &[
                ("q", self.q.trim()),
                ("tier", &self.tier),
                ("status", &self.status),
                ("bought", &self.bought),
                ("points_min", &self.points_min),
                ("sort", sort),
                ("direction", direction),
                ("after", after),
            ],
        )
    }

    /// The headings; those one can sort by are links.
    fn columns(&self, f: &Frame) -> Vec<Column> {
        let column = |key: &str, class, sorts: Option<(MemberSort, &str)>| {
            let current = sorts.is_some_and(|(sort, _)| sort == self.sort());
            let (order, arrow) = match (current, self.descending()) {
                (false, _) => (None, ""),
                (true, true) => (Some("descending"), "↓"),
                (true, false) => (Some("ascending"), "↑"),
            };
            let address = sorts.map(|(sort, name)| {
                // Another click turns the order round; names begin with A, all else with the largest.
                let down = if current { !self.descending() } else { sort != MemberSort::Name };
                self.ordered("/console/members", name, if down { "down" } else { "up" }, "")
            });
            Column { label: f.t(key), class, address, order, arrow }
        };
        vec![
            column("member", "", Some((MemberSort::Name, "name"))),
            column("tier", "", None),
            column("points", "num", Some((MemberSort::Points, "points"))),
            column("spend", "num", Some((MemberSort::Spend, "spend"))),
            column("purchases", "num", None),
            column("last-purchase", "", Some((MemberSort::LastPurchaseAt, "last"))),
            column("enrolled", "", Some((MemberSort::EnrolledAt, "enrolled"))),
        ]
    }
}

fn tier_choices(f: &Frame, programme: &CompiledProgramme, chosen: &str) -> Vec<Choice> {
    let ladder = programme.main_ladder();
    let tiers = ladder.iter().flat_map(|ladder| ladder.tiers());
    tiers.map(|tier| Choice::new(tier.code.to_string(), tier.name.get(f.language), chosen)).collect()
}

fn tier_badge(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberRow) -> Option<TierBadge> {
    let tier = member.tier?;
    let ladder = programme.and_then(CompiledProgramme::main_ladder);
    let rank = ladder.and_then(|ladder| ladder.position(tier));
    let named = ladder.zip(rank).and_then(|(ladder, at)| ladder.tiers().get(at));
    let name = named.map_or_else(|| tier.to_string(), |tier| tier.name.get(f.language).to_owned());
    Some(TierBadge { rank: rank.unwrap_or(0), name })
}

fn row(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberRow, now: Timestamp) -> Row {
    let spend = programme.map_or_else(
        || number(member.spend),
        |programme| f.formats.money(Money { amount: member.spend, currency: programme.programme().currency }),
    );
    Row {
        id: member.member_id.to_string(),
        name: member.name.clone().unwrap_or_else(|| f.t("nameless")),
        identifier: shortest(&member.identifiers),
        tier: tier_badge(f, programme, member),
        closed: member.status == AccountStatus::Closed,
        points: number(member.points),
        pending: (member.pending > 0).then(|| f.v("pending-points", number(member.pending))),
        spend,
        purchases: number(i64::from(member.purchase_count)),
        last_purchase: member.last_purchase_at.map(|at| Moment::day(f, at, now)),
        enrolled: Moment::day(f, member.enrolled_at, now),
    }
}

/// The identifier that staff ask for first: card, phone, external number, e-mail.
pub(super) fn shortest(identifiers: &[Identifier]) -> String {
    let wanted =
        [IdentifierKind::Card, IdentifierKind::Phone, IdentifierKind::External, IdentifierKind::Email];
    let found = wanted.iter().find_map(|kind| identifiers.iter().find(|identifier| identifier.kind == *kind));
    found.map_or_else(String::new, |identifier| identifier.value.clone())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use operations::MemberSort;

    use super::MembersQuery;

    #[test]
    fn the_address_says_what_to_look_for() {
        let query = MembersQuery {
            q: " zw ".to_owned(),
            tier: "gold".to_owned(),
            points_min: "100".to_owned(),
            bought: "over-365".to_owned(),
            ..MembersQuery::default()
        };
        let search = query.search(Timestamp::UNIX_EPOCH, 50).unwrap();
        assert_eq!(search.text.as_deref(), Some("zw"));
        assert_eq!(search.tier.map(|tier| tier.to_string()).as_deref(), Some("gold"));
        assert_eq!((search.points_min, search.last_purchase_after), (Some(100), None));
        assert_eq!(
            search.last_purchase_before.map(|at| at.to_string()).as_deref(),
            Some("1969-01-01T00:00:00Z")
        );
        assert_eq!((search.sort, search.descending), (MemberSort::Spend, true));
        assert_eq!(
            query.address("/console/members", "x"),
            "/console/members?q=zw&tier=gold&bought=over-365&points_min=100&after=x"
        );
        let wrong = MembersQuery { points_min: "many".to_owned(), ..MembersQuery::default() };
        assert_eq!(wrong.search(Timestamp::UNIX_EPOCH, 50), Err("many".to_owned()));
    }
}
