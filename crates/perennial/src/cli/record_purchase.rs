//! `record-purchase`: records purchases from JSON.

use clap::Args;
use domain::document::Purchase;
use domain::voucher::{PurchaseVoucher, VoucherCode};
use operations::{Command, voucher_id};
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Record one purchase or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RecordPurchase {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(default)]
    enrol: bool,
    /// Codes of vouchers that were presented.
    #[serde(default)]
    vouchers: Vec<String>,
    #[serde(flatten)]
    purchase: Purchase,
}

impl RecordPurchase {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, enrol, vouchers, mut purchase } = input;
            for text in &vouchers {
                let code = VoucherCode::parse(text).map_err(|error| CliError::Usage(error.to_string()))?;
                purchase.vouchers.push(PurchaseVoucher::presented(voucher_id(&code)));
            }
            Ok(Command::RecordPurchase { member: member.reference(engine)?, enrol, purchase })
        };
        self.documents.record(output, command).await
    }
}
