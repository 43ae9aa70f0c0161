//! Everything that can go wrong between the platform and its database, by what the caller should do about it.

use domain::code::Code;

/// A row that must be unique, or a limit, stood in the way of a save. The transaction is rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The account exists.
    #[error("the account exists already")]
    Account,
    /// Another save changed the account since it was loaded.
    #[error("the account changed since it was loaded")]
    AccountChanged,
    /// The identifier belongs to a member already.
    #[error("the identifier belongs to a member already")]
    Identifier,
    /// The document was recorded before.
    #[error("the document was recorded before")]
    Document,
    /// The idempotency key was used before.
    #[error("the idempotency key was used before")]
    Idempotency,
    /// The return is parked already.
    #[error("the return is parked already")]
    ParkedReturn,
    /// Another save wrote the entry of this number.
    #[error("the account has an entry of this number already")]
    Entry,
    /// Another save wrote the lot of this number.
    #[error("the account has a lot of this number already")]
    Lot,
    /// The profile was changed by somebody else in between.
    #[error("the member was changed by somebody else in between")]
    MemberVersion,
    /// A row of this key exists already.
    #[error("a row of this key exists already")]
    Taken,
    /// The programme version exists.
    #[error("the programme version exists already")]
    ProgrammeVersion,
    /// Another save wrote the hold of this entry.
    #[error("the hold of this entry exists already")]
    Hold,
    /// Another save wrote the redemption of this entry.
    #[error("the redemption of this entry exists already")]
    Redemption,
    /// The reward's stock does not suffice any more.
    #[error("the stock of reward {0} does not suffice any more")]
    Stock(Code),
    /// The voucher was changed by another save since it was loaded, or used by it.
    #[error("the voucher was changed since it was loaded")]
    Voucher,
    /// The batch of vouchers was changed or made by another save.
    #[error("the batch of vouchers was changed since it was read")]
    VoucherBatch,
    /// The template allows no more vouchers.
    #[error("voucher template {0} allows no more vouchers")]
    VoucherIssue(Code),
    /// The campaign's budget does not suffice any more.
    #[error("the budget of campaign {0} does not suffice any more")]
    Budget(Code),
}

/// A setting under which the store would break its promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unsafe setting: {setting} is {value}; {remedy}")]
pub struct UnsafeSetting {
    /// The setting by its name in the database.
    pub setting: String,
    /// What it is now.
    pub value: String,
    /// What to do.
    pub remedy: String,
}

/// Why the store could not do what was asked. No variant leaves half a transaction behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique row or a limit stood in the way: load again and decide anew.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A constraint of the schema refused a row: a defect in the caller.
    #[error("the database refused a row: {0}")]
    Refused(String),
    /// Serialization failure or deadlock: nothing was saved, try again.
    #[error("the database asks to try again: {0}")]
    Retry(String),
    /// The connection failed during COMMIT: saved or not, only the same key tells.
    #[error("the outcome of the commit is unknown: {0}")]
    Ambiguous(String),
    /// No connection, or none in time: nothing was saved.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// No space left: nothing was saved.
    #[error("the database's disk is full: free some space, nothing was saved ({0})")]
    DiskFull(String),
    /// The store refuses to run under this setting.
    #[error(transparent)]
    UnsafeSetting(#[from] UnsafeSetting),
    /// Another process serves this file.
    #[error("{path} is in use by another process: stop that one, or open read-only")]
    InUse {
        /// The database file.
        path: String,
    },
    /// A stored value does not have the form this version writes.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The request makes no sense for this kind of database, or the database refused the statement.
    #[error("{0}")]
    Unsupported(String),
}

impl StoreError {
    /// Whether the same transaction may succeed when it is tried again at once.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Retry(_) | Self::Conflict(_))
    }

    /// A stored JSON that does not parse.
    pub(crate) fn corrupt(what: &str, cause: &impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{what}: {cause}"))
    }
}
