//! Questions that pages, reports and other systems ask. Lists come in pages by key: no offsets, bounded memory.

pub(crate) mod audit;
pub(crate) mod burn;
pub(crate) mod entries;
pub(crate) mod feed;
pub(crate) mod households;
pub(crate) mod linkage;
pub(crate) mod member_list;
pub(crate) mod members;
pub(crate) mod overview;
pub(crate) mod programmes;
pub(crate) mod voucher_steps;
pub(crate) mod vouchers;
pub(crate) mod whole;
