//! Surveys in: reads filled-in forms as a survey map says. Forms that cannot be used are listed with field, value and
//! reason, as rows of purchases are.

mod map;
mod question;
mod read;

pub use map::{BrandMap, SurveyMap};
pub use question::Question;
pub(crate) use read::{Answer, Form, Given, read_forms};
pub use read::{BRAND_RATING, BRAND_WALLET};
