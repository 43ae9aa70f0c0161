//! Models of a customer base: how many will buy how often, who is still there, what each is worth.
//! Each model has its parameters (`new`), their maximum-likelihood `fit` with standard errors, `log_likelihood` with
//! exact derivatives, `probability_alive`, `expected` for a newcomer, and `expected_given` and `discounted_given` for
//! a customer with a history. Times are in any one unit; parameters follow the papers' names.

mod beta_geometric;
mod beta_geometric_beta_binomial;
mod error;
mod fit;
mod gamma_gamma;
mod history;
mod lifetime_value;
mod nbd;
mod pareto_nbd;
mod shifted_beta_geometric;

pub use beta_geometric::{BetaGeometricNbd, FirstDropout};
pub use beta_geometric_beta_binomial::BetaGeometricBetaBinomial;
pub use error::{CustomerBaseError, HistoryFault};
pub use fit::Fit;
pub use gamma_gamma::GammaGamma;
pub use history::{Groups, History, OpportunityHistory, Spend, Tally};
pub use lifetime_value::{lifetime_value, retained_margin_for_ever, retained_margins};
pub use nbd::Nbd;
pub use pareto_nbd::ParetoNbd;
pub use shifted_beta_geometric::{Renewals, ShiftedBetaGeometric};
