//! The basket as it is filled in, and the purchase lines it stands for.

use domain::document::{PurchaseLine, TEXT_LENGTH_MAX};

use super::number::{NumberFault, read_price, read_quantity, write_quantity};

/// One line as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LineForm {
    /// Its number in the form: it stays the same while lines before it go.
    pub(super) number: u32,
    /// Stock-keeping unit or name; may be empty.
    pub(super) item: String,
    /// Category; may be empty.
    pub(super) category: String,
    /// How many, or how much.
    pub(super) quantity: String,
    /// Price of one, in major units.
    pub(super) price: String,
}

/// A part of a line that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineField {
    /// The item or its category.
    Name,
    /// How many.
    Quantity,
    /// The price of one.
    Price,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineFault {
    /// Its position in the basket.
    pub(super) line: usize,
    /// In which part.
    pub(super) field: LineField,
    /// What.
    pub(super) fault: NumberFault,
}

impl LineForm {
    /// A line of one piece.
    pub(super) fn one(item: &str, price: &str) -> Self {
        Self {
            number: 0,
            item: item.to_owned(),
            category: String::new(),
            quantity: "1".to_owned(),
            price: price.to_owned(),
        }
    }

    /// The line it stands for, in a currency with so many decimals. Half a minor unit and more is rounded up.
    pub(super) fn read(&self, position: usize, decimals: u32) -> Result<PurchaseLine, LineFault> {
        let fault = |field| move |fault| LineFault { line: position, field, fault };
        if [&self.item, &self.category].iter().any(|name| name.len() > TEXT_LENGTH_MAX) {
            return Err(fault(LineField::Name)(NumberFault::NameTooLong));
        }
        let quantity_milli = read_quantity(&self.quantity).map_err(fault(LineField::Quantity))?;
        let price = read_price(&self.price, decimals).map_err(fault(LineField::Price))?;
        let exact = i128::from(quantity_milli) * i128::from(price);
        let rounded = (exact.abs() + 500) / 1_000 * exact.signum();
        let amount = i64::try_from(rounded).map_err(|_| fault(LineField::Price)(NumberFault::TooLarge))?;
        Ok(PurchaseLine {
            sku: self.item.clone(),
            category: self.category.clone(),
            quantity_milli,
            amount,
            ..PurchaseLine::default()
        })
    }

    /// One more of it, or one less; never fewer than one.
    pub(super) fn step(&mut self, by_milli: i64) {
        let quantity = read_quantity(&self.quantity).unwrap_or(0).saturating_add(by_milli);
        self.quantity = write_quantity(quantity.max(1_000));
    }
}

/// The lines of a basket, or all that is wrong with them.
pub(super) fn read_lines(basket: &[LineForm], decimals: u32) -> Result<Vec<PurchaseLine>, Vec<LineFault>> {
    let read = basket.iter().enumerate().map(|(position, line)| line.read(position, decimals));
    let (lines, faults): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if faults.is_empty() {
        Ok(lines.into_iter().filter_map(Result::ok).collect())
    } else {
        Err(faults.into_iter().filter_map(Result::err).collect())
    }
}

/// Puts something with a price into the basket: the price that the last line still lacks, one more of the same, or a
/// line of its own.
pub(super) fn add(basket: &mut Vec<LineForm>, line: LineForm) {
    if let Some(last) = basket.last_mut()
        && last.price.is_empty()
        && line.item.is_empty()
    {
        last.price = line.price;
        return;
    }
    let same = |other: &&mut LineForm| !line.item.is_empty() && other.item == line.item;
    match basket.iter_mut().find(same) {
        Some(known) if line.price.is_empty() || known.price == line.price => {
            known.step(read_quantity(&line.quantity).unwrap_or(1_000));
        }
        _ => {
            let number = basket.iter().map(|line| line.number.saturating_add(1)).max().unwrap_or(0);
            basket.push(LineForm { number, ..line });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{LineField, LineForm, NumberFault, add, read_lines};

    fn line(item: &str, quantity: &str, price: &str) -> LineForm {
        LineForm { quantity: quantity.to_owned(), ..LineForm::one(item, price) }
    }

    #[test]
    fn a_basket_becomes_purchase_lines_in_minor_units() {
        let basket =
            [line("A-100", "2", "12.50"), line("apples", "1.235", "9.98"), line("coupon", "1", "-5")];
        let lines = read_lines(&basket, 2).unwrap();
        let read: Vec<_> =
            lines.iter().map(|line| (line.sku.as_str(), line.quantity_milli, line.amount)).collect();
        // 1.235 × 9.98 = 12.3253, rounded once, at the end.
        assert_eq!(read, [("A-100", 2_000, 2_500), ("apples", 1_235, 1_233), ("coupon", 1_000, -500)]);
        assert_eq!(line("", "0.5", "0.01").read(0, 2).unwrap().amount, 1, "half a fen is rounded up");
    }

    #[test]
    fn every_fault_names_its_line_and_field() {
        let basket = [line("a", "1", "x"), line("b", "1", "1"), line("c", "0", "1"), line("d", "1", "")];
        let faults = read_lines(&basket, 2).unwrap_err();
        let found: Vec<_> = faults.iter().map(|fault| (fault.line, fault.field, fault.fault)).collect();
        let expected = [
            (0, LineField::Price, NumberFault::Unreadable),
            (2, LineField::Quantity, NumberFault::NotPositive),
            (3, LineField::Price, NumberFault::Missing),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_is_as_long_as_the_rules_take_in_bytes() {
        assert!(line(&"茶".repeat(42), "1", "1").read(0, 2).is_ok(), "126 bytes");
        let fault = line(&"茶".repeat(43), "1", "1").read(0, 2).unwrap_err();
        assert_eq!((fault.field, fault.fault), (LineField::Name, NumberFault::NameTooLong));
    }

    #[test]
    fn a_scanned_item_waits_for_its_price_and_counts_up() {
        let mut basket = Vec::new();
        add(&mut basket, LineForm::one("690", ""));
        add(&mut basket, LineForm::one("", "12.50"));
        assert_eq!(basket, [line("690", "1", "12.50")]);
        add(&mut basket, LineForm::one("690", ""));
        add(&mut basket, line("690", "3", "12.50"));
        assert_eq!(basket, [line("690", "5", "12.50")]);
        add(&mut basket, LineForm::one("", "12.50"));
        add(&mut basket, LineForm::one("690", "9.00"));
        assert_eq!(basket.len(), 3, "without a name, or at another price, it is a line of its own");
    }
}
