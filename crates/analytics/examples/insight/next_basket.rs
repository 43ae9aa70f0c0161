//! The next basket of each customer of a file `customer,basket,future,item`, oldest basket first, of which the one of the
//! future is to be foreseen.

use std::collections::BTreeMap;
use std::time::Instant;

use stats::next_set::blend::{Blend, Settings};
use stats::next_set::histories::Histories;
use stats::next_set::ranking::recall;

use crate::{Failure, processor};

/// How many items are foreseen.
const COUNT: usize = 10;

/// Items.
type Basket = Vec<u32>;
/// Baskets by their number.
type Baskets = BTreeMap<u32, Basket>;

pub(crate) fn foresee(file: &str) -> Result<(), Failure> {
    let (known, last) = read(file)?;
    let (began, before) = (Instant::now(), processor::seconds("self"));
    let histories = Histories::from_sequences(&known);
    let mut blend = Blend::fit(&histories, &Settings::GROCER).map_err(|fault| fault.to_string())?;
    let mut sum = 0.0;
    for (customer, chosen) in last.iter().enumerate() {
        sum += recall(&blend.next(&histories, customer, COUNT), chosen).unwrap_or_default();
    }
    println!(
        "{{\"customers\":{},\"recall_at_10\":{:.4},\"seconds\":{:.3},\"processor_seconds\":{:.2}}}",
        last.len(),
        sum / f64::from(u32::try_from(last.len())?),
        began.elapsed().as_secs_f64(),
        processor::seconds("self") - before,
    );
    Ok(())
}

/// Each customer's baskets but the last, and the last.
fn read(file: &str) -> Result<(Vec<Vec<Basket>>, Vec<Basket>), Failure> {
    let mut customers: BTreeMap<u32, (Baskets, Basket)> = BTreeMap::new();
    for line in std::fs::read_to_string(file)?.lines().skip(1) {
        let mut numbers = line.split(',').map(str::parse::<u32>);
        let mut number = || numbers.next().ok_or("four numbers in a line")?.map_err(|_| "a number");
        let (customer, basket, future, item) = (number()?, number()?, number()?, number()?);
        let (baskets, last) = customers.entry(customer).or_default();
        if future == 1 { last.push(item) } else { baskets.entry(basket).or_default().push(item) }
    }
    let (known, last): (Vec<Baskets>, Vec<Basket>) = customers.into_values().unzip();
    Ok((known.into_iter().map(|baskets| baskets.into_values().collect()).collect(), last))
}
