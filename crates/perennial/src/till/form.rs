//! The form of a sale: what it carries from one request to the next, and the purchase it stands for. The whole sale is
//! in the form, so that it can be queued as it is and sent again.

use domain::burn::{PAYMENT_METHOD_POINTS, PointsTender};
use domain::document::{Payment, Purchase};
use domain::programme::CompiledProgramme;
use domain::voucher::{PurchaseVoucher, VoucherCode};
use jiff::Timestamp;
use operations::voucher_id;

use super::basket::{LineFault, LineForm, read_lines};
use super::{CHANNEL, key};
use crate::console::session::Fields;

/// How the money part is paid.
pub(super) const METHODS: [&str; 3] = ["cash", "card", "wallet"];

/// A sale as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SaleForm {
    /// What the member was found by.
    pub(super) member: String,
    /// Whether a member nobody knows yet is enrolled by this sale.
    pub(super) enrol: bool,
    /// The basket.
    pub(super) lines: Vec<LineForm>,
    /// Codes of vouchers that were presented.
    pub(super) vouchers: Vec<VoucherCode>,
    /// What vouchers took off when the cashier said what is to be paid, in minor units. It stays as it was sent: the
    /// same sale sent again is the same document, whatever has become of a voucher since.
    pub(super) discount: i64,
    /// Points that pay a part.
    pub(super) points: String,
    /// How the rest is paid.
    pub(super) method: String,
    /// The store.
    pub(super) store: String,
    /// The receipt's number, drawn once.
    pub(super) reference: String,
    /// When it was sold, once that is settled.
    pub(super) occurred_at: Option<Timestamp>,
    /// Whether paying was tried: number and time then stay, so that trying again is the same document.
    pub(super) attempted: bool,
    /// Whether it waited for the connection.
    pub(super) queued: bool,
    /// Who sold it, where it waited and somebody else may have signed in since.
    pub(super) sold_by: String,
    /// The programme version of the preview the cashier saw.
    pub(super) quoted: u32,
}

impl SaleForm {
    /// Reads the fields of a request.
    pub(super) fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        let number = |name: &str| name.strip_prefix("line-")?.strip_suffix("-price")?.parse::<u32>().ok();
        let mut numbers: Vec<u32> = fields.names().filter_map(number).collect();
        numbers.sort_unstable();
        let mut vouchers: Vec<(u32, VoucherCode)> = fields
            .names()
            .filter_map(|name| Some((name.strip_prefix("voucher-")?.parse().ok()?, fields.text(name))))
            // The form was filled by a page that knows a code by its check character.
            .filter_map(|(number, text)| Some((number, VoucherCode::parse(text).ok()?)))
            .collect();
        vouchers.sort_unstable_by_key(|(number, _)| *number);
        let line = |number: u32| {
            let part = |name: &str| fields.text(&format!("line-{number}-{name}")).to_owned();
            LineForm {
                number,
                item: part("item"),
                category: part("category"),
                quantity: part("quantity"),
                price: part("price"),
            }
        };
        Self {
            member: text("member"),
            enrol: fields.text("enrol") == "yes",
            lines: numbers.into_iter().map(line).collect(),
            vouchers: vouchers.into_iter().map(|(_, code)| code).collect(),
            discount: fields.text("discount").parse().unwrap_or(0).max(0),
            points: text("points"),
            method: METHODS
                .into_iter()
                .find(|method| *method == fields.text("method"))
                .unwrap_or("cash")
                .to_owned(),
            store: text("store"),
            reference: text("reference"),
            occurred_at: fields.text("occurred_at").parse().ok(),
            attempted: fields.text("attempted") == "yes",
            queued: fields.text("queued") == "yes",
            sold_by: text("sold_by"),
            quoted: fields.text("quoted").parse().unwrap_or(0),
        }
    }

    /// Points that pay a part; a text that is no number counts as none.
    pub(super) fn points(&self) -> i64 {
        self.points.replace([',', ' '], "").parse().unwrap_or(0).max(0)
    }

    /// What the points are worth in minor units; 0 where they are not in the programme's steps, which paying refuses.
    pub(super) fn points_worth(&self, programme: &CompiledProgramme) -> i64 {
        let terms = programme.programme().redemption(programme.main_unit().code());
        terms.and_then(|terms| terms.worth(self.points(), programme.programme().decimals())).unwrap_or(0)
    }

    /// The purchase, sold at `occurred_at`, or what is wrong with its lines.
    pub(super) fn purchase(
        &self,
        programme: &CompiledProgramme,
        occurred_at: Timestamp,
    ) -> Result<Purchase, Vec<LineFault>> {
        let lines = read_lines(&self.lines, programme.programme().decimals())?;
        let mut purchase = Purchase {
            key: key(&self.reference),
            occurred_at,
            currency: programme.programme().currency,
            store: Some(self.store.clone()).filter(|store| !store.is_empty()),
            channel: Some(CHANNEL.to_owned()),
            payments: Vec::new(),
            vouchers: self.vouchers.iter().map(voucher_id).map(PurchaseVoucher::presented).collect(),
            lines,
        };
        let mut rest = purchase.total().unwrap_or(0).saturating_sub(self.discount);
        if self.points() > 0 {
            let amount = self.points_worth(programme);
            let points = Some(PointsTender { unit: None, points: self.points(), hold: None });
            purchase.payments.push(Payment {
                method: PAYMENT_METHOD_POINTS.to_owned(),
                amount,
                points,
                ..Payment::default()
            });
            rest = rest.saturating_sub(amount);
        }
        if rest != 0 {
            purchase.payments.push(Payment {
                method: self.method.clone(),
                amount: rest,
                ..Payment::default()
            });
        }
        Ok(purchase)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use domain::programme::{CompiledProgramme, examples, parse_toml};

    use super::{LineForm, SaleForm};

    #[test]
    fn a_form_becomes_the_purchase_the_api_would_have_been_sent() {
        let starter = parse_toml(examples()[0].toml).unwrap();
        let now: jiff::Timestamp = "2026-11-25T02:00:00Z".parse().unwrap();
        let programme = CompiledProgramme::compile(starter, 1, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let form = SaleForm {
            lines: vec![LineForm::one("A-100", "25.00")],
            points: "1,000".to_owned(),
            method: "wallet".to_owned(),
            store: "s001".to_owned(),
            reference: "s001-261125-7KQ4MX".to_owned(),
            ..SaleForm::default()
        };
        let purchase = form.purchase(&programme, now).unwrap();
        assert_eq!(
            (purchase.key.source.as_str(), purchase.key.reference.as_str()),
            ("till", "s001-261125-7KQ4MX")
        );
        assert_eq!((purchase.store.as_deref(), purchase.channel.as_deref()), (Some("s001"), Some("store")));
        let paid: Vec<_> =
            purchase.payments.iter().map(|p| (p.method.as_str(), p.amount, p.points.is_some())).collect();
        assert_eq!(paid, [("points", 1_000, true), ("wallet", 1_500, false)]);
        assert_eq!(purchase.total(), Some(2_500));

        let all_in_points = SaleForm { points: "2500".to_owned(), ..form.clone() };
        assert_eq!(
            all_in_points.purchase(&programme, now).unwrap().payments.len(),
            1,
            "nothing is left to pay"
        );
        let not_in_steps = SaleForm { points: "junk".to_owned(), ..form };
        assert_eq!(not_in_steps.purchase(&programme, now).unwrap().payments[0].method, "wallet");
    }
}
