//! The import map: one TOML file that says what the columns of a retailer's files mean and what is done
//! with each of their oddities. Where a text field may name a column, `=text` gives the text itself.

use domain::member::IdentifierKind;
use serde::Deserialize;

/// What the columns of a retailer's files mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportMap {
    /// The source of all documents; with the reference it is their natural key for ever.
    pub source: String,
    /// What a row is.
    #[serde(default)]
    pub layout: Layout,
    /// Zone of all dates and times that do not carry their own, for instance `Europe/London`.
    pub time_zone: String,
    /// The currency column, or `=GBP`.
    pub currency: String,
    /// What is done with a row that is equal to another one in every column.
    #[serde(default)]
    pub duplicates: DuplicatePolicy,
    /// How the file is written.
    #[serde(default)]
    pub file: FileMap,
    /// The receipt number.
    pub reference: ReferenceMap,
    /// Who bought.
    pub member: MemberMap,
    /// When.
    pub occurred_at: MomentMap,
    /// How amounts are written.
    #[serde(default)]
    pub amounts: AmountMap,
    /// What belongs to the whole purchase.
    #[serde(default)]
    pub purchase: PurchaseMap,
    /// The line items of a row: one, or several where the layout is `wide`.
    #[serde(default)]
    pub line: Vec<LineMap>,
    /// Which rows are returns, and of which purchase.
    #[serde(default)]
    pub returns: Option<ReturnMap>,
    /// Rows that are left out, each counted by name. The first that fits decides.
    #[serde(default)]
    pub exclude: Vec<NamedCondition>,
    /// Labels for lines that rules can name.
    #[serde(default)]
    pub tag: Vec<NamedCondition>,
    /// Parts of the price by the way they were paid, one column each (`wide` only).
    #[serde(default)]
    pub payment: Vec<PaymentMap>,
    /// Further files whose columns are looked up by a column of this one.
    #[serde(default)]
    pub join: Vec<JoinMap>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A line item; the rows of one reference form a receipt, wherever they stand.
    #[default]
    Lines,
    /// A whole purchase.
    Wide,
}

/// What is done with a row that is equal to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicatePolicy {
    /// It was sent twice: the first counts, the others are dropped and counted.
    #[default]
    Drop,
    /// The others are written to the reject file, the first counts.
    Reject,
    /// It happened twice: all count.
    Keep,
}

/// What is done with something that cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Dropped and counted.
    Drop,
    /// Written to the reject file and counted.
    #[default]
    Reject,
}

/// How a file is written. Everything left out is found out and reported.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileMap {
    /// The file's name where the import is given a folder.
    pub name: Option<String>,
    /// Kind of file.
    pub format: FileFormat,
    /// One character such as `,`, `;`, `|` or a tab; `auto` finds it.
    pub delimiter: Option<String>,
    /// How text is encoded (CSV).
    pub encoding: FileEncoding,
    /// True where the file has no line of column names: its columns are then `column_1`, `column_2` …
    pub headless: bool,
    /// Lines before the column names.
    pub skip_lines: u32,
}

/// Kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Parquet where the file begins as Parquet does, else CSV.
    #[default]
    Auto,
    /// Text with a delimiter, plain or gzip.
    Csv,
    /// Parquet.
    Parquet,
}

/// How text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileEncoding {
    /// UTF-8 where the first 64 KiB are UTF-8, else GBK.
    #[default]
    Auto,
    /// UTF-8, with or without byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GBK, as Excel in Chinese writes it (read as its superset GB 18030).
    Gbk,
}

/// The receipt number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceMap {
    /// The columns that together name a receipt; their values are joined by `/`.
    pub columns: Vec<String>,
    /// What several rows of one reference are where the layout is `wide`.
    #[serde(default)]
    pub repeated: RepeatedReference,
}

/// What several rows of one reference are where a row is a whole purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedReference {
    /// Parts of one purchase.
    #[default]
    Together,
    /// Purchases of their own; the second gets `-2` after its reference, and so on, in an order that does not
    /// depend on their place in the file.
    Number,
}

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberMap {
    /// The column of the identifier.
    pub column: String,
    /// What kind of identifier it is.
    pub kind: IdentifierKind,
    /// Country of phone numbers without a country code, for instance `CN`.
    #[serde(default)]
    pub region: Option<String>,
    /// What is done with receipts that name no member.
    #[serde(default)]
    pub missing: Policy,
}

/// When.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MomentMap {
    /// One column, or two that are joined by a blank (date, time).
    pub columns: Vec<String>,
    /// `iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern such as `%d/%m/%Y %H:%M`. Not needed for
    /// Parquet columns that are dates or timestamps.
    #[serde(default)]
    pub format: Option<String>,
    /// The time of purchases that only have a date.
    #[serde(default)]
    pub time_of_day: Option<String>,
}

/// How amounts are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AmountMap {
    /// Whether 12.99 is written 12.99 or 1299.
    pub unit: AmountUnit,
    /// The sign before the fraction.
    pub decimal: char,
    /// The sign between groups of three digits, if any.
    pub thousands: Option<char>,
}

/// Unit of amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountUnit {
    /// 12.99 is written 12.99.
    #[default]
    Major,
    /// 12.99 is written 1299.
    Minor,
}

/// What belongs to the whole purchase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PurchaseMap {
    /// The store: a column or `=text`.
    pub store: Option<String>,
    /// The channel: a column or `=text`.
    pub channel: Option<String>,
    /// How the row's amount was paid: a column or `=text`.
    pub payment_method: Option<String>,
}

/// A line item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineMap {
    /// Number of the line in its receipt: lines are ordered by it, then by SKU.
    pub number: Option<String>,
    /// Stock-keeping unit: a column or `=text`.
    pub sku: Option<String>,
    /// Product category: a column or `=text`.
    pub category: Option<String>,
    /// Brand: a column or `=text`.
    pub brand: Option<String>,
    /// What was paid for the line. Left out: quantity × unit price.
    pub amount: Option<String>,
    /// How many; 1 where left out.
    pub quantity: Option<String>,
    /// Price of one.
    pub unit_price: Option<String>,
    /// Tax contained in the amount.
    pub tax: Option<String>,
    /// A column of tags, separated by `|`.
    pub tags: Option<String>,
}

/// Which rows are returns, and of which purchase.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnMap {
    /// What tells a return.
    pub when: ReturnSign,
    /// The column of the flag (`when = "column"`).
    #[serde(default)]
    pub column: Option<String>,
    /// Values of the flag that tell a return.
    #[serde(default)]
    pub equals: Vec<String>,
    /// Beginnings of the flag that tell a return.
    #[serde(default)]
    pub prefix: Vec<String>,
    /// Whether the amounts of returns are written below zero.
    #[serde(default)]
    pub amounts: ReturnAmounts,
    /// How the purchase is found.
    #[serde(rename = "match")]
    pub matching: ReturnMatch,
    /// The column that names the purchase (`match = "named"`).
    #[serde(default)]
    pub purchase: Option<String>,
    /// A beginning that is cut off the name of the purchase.
    #[serde(default)]
    pub purchase_strip: Option<String>,
    /// How long a purchase line waits for its return.
    #[serde(default = "window_days")]
    pub window_days: u32,
    /// How many purchase lines wait at most (about 100 bytes each); the oldest are forgotten first, and counted.
    #[serde(default = "open_lines_max")]
    pub open_lines_max: u32,
    /// What is done with the part of a return for which no purchase is found.
    #[serde(default)]
    pub unmatched: Policy,
}

/// What tells a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnSign {
    /// A column: equal to one of `equals`, or beginning with one of `prefix`.
    Column,
    /// A quantity below zero.
    NegativeQuantity,
    /// An amount below zero.
    NegativeAmount,
}

/// Whether the amounts of returns are written below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnAmounts {
    /// Below zero; a return above zero is rejected.
    #[default]
    Negative,
    /// Above zero; a return below zero is rejected.
    Positive,
}

/// How the purchase of a return is found. What no rule finds is unmatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnMatch {
    /// The latest earlier purchase line of the same member, SKU and currency with enough value that has not come
    /// back; where none has enough, the latest ones together.
    MemberSkuLatest,
    /// The lines of the same SKU in the purchase that the return names.
    Named,
}

/// A condition with a name: it holds where the column's value fits any of the given tests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NamedCondition {
    /// Its name in the report, or the tag.
    pub name: String,
    /// The column that is looked at.
    pub column: String,
    /// Equal to one of these.
    pub equals: Vec<String>,
    /// Beginning with one of these.
    pub prefix: Vec<String>,
    /// Ending with one of these.
    pub suffix: Vec<String>,
    /// Containing one of these.
    pub contains: Vec<String>,
    /// Nothing there.
    pub empty: bool,
    /// A number equal to zero.
    pub zero: bool,
    /// A number below zero.
    pub negative: bool,
}

/// A part of the price by the way it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentMap {
    /// The method, for instance `points`.
    pub method: String,
    /// The column of the part.
    pub amount: String,
}

/// A further file whose columns are looked up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinMap {
    /// Its columns are named `name.column` elsewhere in the map.
    pub name: String,
    /// The file, beside the file that is imported.
    pub file: String,
    /// The column of the imported file.
    pub column: String,
    /// The column of the further file that holds the same values, each once.
    pub key: String,
    /// The columns that are looked up; empty where the key is not there.
    pub columns: Vec<String>,
}

impl Default for AmountMap {
    fn default() -> Self {
        Self { unit: AmountUnit::Major, decimal: '.', thousands: None }
    }
}

fn window_days() -> u32 {
    400
}

fn open_lines_max() -> u32 {
    500_000
}
