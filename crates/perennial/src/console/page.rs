//! What every page has around its own content: language, theme, navigation, the signed-in person, the footer.

use std::fmt;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::programme::Language;
use fluent_bundle::FluentValue;
use operations::Role;

use super::assets;
use super::catalogue::{self, Texts};
use super::format::Formats;
use super::roles::{Permission, allows};

/// Light, dark, or as the reader's system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The theme of a cookie's or form's value.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

/// The places of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Numbers of a period.
    Overview,
    /// Questions about the customers.
    Insight,
    /// Members, their pages.
    Members,
    /// Members who pool their points.
    Households,
    /// Sets of members that rules can name.
    Audiences,
    /// Members who may be one person.
    Duplicates,
    /// Batches of vouchers, and one voucher.
    Vouchers,
    /// The catalogue, and redemptions to work through.
    Rewards,
    /// Points reserved for checkouts.
    Holds,
    /// Runs of statements.
    Statements,
    /// Adjustments that wait for a second person.
    Adjustments,
    /// Programme versions.
    Programme,
    /// Imports.
    Imports,
    /// Returns that wait for their purchase.
    ParkedReturns,
    /// Console users.
    People,
    /// The clock of a sandbox.
    Sandbox,
    /// Sales at a till.
    Till,
    /// Returns at a till.
    TillReturns,
    /// A page outside the navigation.
    None,
}

/// The navigation: place, address, catalogue key, what it takes to see it.
const PLACES: [(Section, &str, &str, Permission); 17] = [
    (Section::Overview, "/console", "nav-overview", Permission::Read),
    (Section::Insight, "/console/insight", "nav-insight", Permission::Read),
    (Section::Members, "/console/members", "nav-members", Permission::Read),
    (Section::Households, "/console/households", "nav-households", Permission::Read),
    (Section::Audiences, "/console/audiences", "nav-audiences", Permission::Read),
    (Section::Duplicates, "/console/duplicates", "nav-duplicates", Permission::Read),
    (Section::Vouchers, "/console/vouchers", "nav-vouchers", Permission::Read),
    (Section::Rewards, "/console/rewards", "nav-rewards", Permission::Read),
    (Section::Holds, "/console/holds", "nav-holds", Permission::Read),
    (Section::Statements, "/console/statements", "nav-statements", Permission::Read),
    (Section::Adjustments, "/console/adjustments", "nav-adjustments", Permission::Read),
    (Section::Programme, "/console/programme", "nav-programme", Permission::Read),
    (Section::Imports, "/console/imports", "nav-imports", Permission::Read),
    (Section::ParkedReturns, "/console/parked-returns", "nav-parked", Permission::Read),
    (Section::People, "/console/people", "nav-people", Permission::ManagePeople),
    (Section::Sandbox, "/console/sandbox", "nav-sandbox", Permission::MoveClock),
    (Section::Till, "/till", "nav-till", Permission::UseTill),
];

/// Who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The name they sign in with.
    pub(crate) name: String,
    /// What they may do.
    pub(crate) role: Role,
}

/// One link of the navigation.
pub(crate) struct Place {
    pub(crate) address: &'static str,
    pub(crate) label: String,
    pub(crate) current: bool,
}

/// Around every page.
pub(crate) struct Frame {
    /// The reader's language.
    pub(crate) language: Language,
    /// The reader's theme.
    pub(crate) theme: Theme,
    /// How values are written.
    pub(crate) formats: Formats,
    /// Where in the navigation the page is.
    pub(crate) section: Section,
    /// Who reads it; nobody on the sign-in page.
    pub(crate) person: Option<Person>,
    /// The secret that forms send back.
    pub(crate) csrf: String,
    /// Path and query of this page, to come back to.
    pub(crate) here: String,
    /// The kind of database, for the footer.
    pub(crate) database: &'static str,
    /// Whether the database is a sandbox: only there its clock has a page.
    pub(crate) sandbox: bool,
    /// A message about what was just done.
    pub(crate) notice: Option<String>,
    texts: &'static Texts,
}

impl Frame {
    /// A frame in a language.
    pub(crate) fn new(language: Language, theme: Theme, formats: Formats) -> Self {
        Self {
            language,
            theme,
            formats,
            section: Section::None,
            person: None,
            csrf: String::new(),
            here: String::new(),
            database: "",
            sandbox: false,
            notice: None,
            texts: Texts::of(language),
        }
    }

    /// A text.
    pub(crate) fn t(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// A text with a number called `count`, for plurals.
    pub(crate) fn n(&self, key: &str, count: impl Countable) -> String {
        let count = count.count();
        let shown = FluentValue::from(super::format::number(count));
        self.texts.with(key, [("count", FluentValue::from(count)), ("shown", shown)])
    }

    /// A text with a value called `value`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "templates hand over references, pages what they just made"
    )]
    pub(crate) fn v(&self, key: &str, value: impl ToString) -> String {
        self.texts.with(key, [("value", FluentValue::from(value.to_string()))])
    }

    /// A text with several values.
    pub(crate) fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.with(key, values.iter().map(|(name, value)| (*name, FluentValue::from(*value))))
    }

    /// The text of a fixed beginning and a value from the domain, or the value itself where there is none.
    pub(crate) fn named(&self, start: &str, value: &str) -> String {
        let key = format!("{start}{}", value.replace('_', "-"));
        if self.texts.has(&key) { self.texts.get(&key) } else { value.to_owned() }
    }

    /// A purchase in a line: amount, number of line items, where and which.
    pub(crate) fn purchase_line(&self, amount: &str, lines: usize, reference: &str) -> String {
        let count = i64::try_from(lines).unwrap_or(i64::MAX);
        let values = [("amount", amount.into()), ("count", count.into()), ("key", reference.into())];
        self.texts.with("purchase-line", values)
    }

    /// A purchase as its member knows it: amount, number of things, and where if that is known.
    pub(crate) fn bought_line(&self, amount: &str, lines: usize, place: &str) -> String {
        let count = i64::try_from(lines).unwrap_or(i64::MAX);
        let values = [("amount", amount.into()), ("count", count.into()), ("place", place.into())];
        self.texts.with(if place.is_empty() { "card-bought" } else { "card-bought-at" }, values)
    }

    /// The language's tag.
    pub(crate) fn lang(&self) -> &'static str {
        catalogue::tag(self.language)
    }

    /// The address of an asset.
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    /// The navigation as the reader may see it.
    pub(crate) fn places(&self) -> Vec<Place> {
        PLACES
            .iter()
            .filter(|(section, ..)| self.sandbox || *section != Section::Sandbox)
            .filter(|(_, _, _, permission)| self.may(*permission))
            .map(|(section, address, key, _)| Place {
                address,
                label: self.texts.get(key),
                current: *section == self.section,
            })
            .collect()
    }

    /// Whether the reader may do something.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.person.as_ref().is_some_and(|person| allows(person.role, permission))
    }

    /// The reader's role in words.
    pub(crate) fn role(&self) -> String {
        self.person.as_ref().map_or_else(String::new, |person| self.named("role-", person.role.name()))
    }

    /// The version of the platform.
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The name of the zone of all dates on the page.
    pub(crate) fn zone(&self) -> &str {
        self.formats.zone.iana_name().unwrap_or("UTC")
    }
}

/// A number that plurals go by. Templates hand their fields over by reference.
pub(crate) trait Countable {
    /// The number.
    fn count(self) -> i64;
}

macro_rules! countable {
    ($($number:ty),*) => {$(
        impl Countable for $number {
            fn count(self) -> i64 {
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
        impl Countable for &$number {
            fn count(self) -> i64 {
                (*self).count()
            }
        }
    )*};
}
countable!(i32, i64, u64, usize);

/// Renders a page.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Renders a page that could be served.
pub(crate) fn ok(page: &impl Template) -> Response {
    show(StatusCode::OK, page)
}
