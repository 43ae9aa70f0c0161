//! The programme a demo runs under: the caller's, or the starter example in the currency and zone of the data.

use std::path::Path;

use analytics::import::ImportMap;
use domain::money::Currency;
use domain::programme::{Programme, examples, parse_toml};

use crate::cli::error::CliError;

/// The text to publish.
pub(super) fn text(named: Option<&Path>, map: Option<&ImportMap>) -> Result<String, CliError> {
    if let Some(path) = named {
        return super::super::text_file::read(path);
    }
    let starter = examples().first().map_or("", |example| example.toml);
    let Some(map) = map else { return Ok(starter.to_owned()) };
    let programme = parse_toml(starter).map_err(|findings| {
        let first = findings.first().map_or_else(String::new, ToString::to_string);
        CliError::failed("starter programme", &first)
    })?;
    let fitted = fit(programme, map)?;
    serde_json::to_string(&fitted).map_err(|cause| CliError::failed("starter programme", &cause))
}

fn fit(mut programme: Programme, map: &ImportMap) -> Result<Programme, CliError> {
    let Some(currency) = map.currency.strip_prefix('=') else {
        let sentence = format!(
            "the currency stands in column “{}”, so the starter programme does not fit: give --programme FILE",
            map.currency
        );
        return Err(CliError::Usage(sentence));
    };
    programme.currency = Currency::new(currency).map_err(|error| CliError::Usage(error.to_string()))?;
    programme.time_zone.clone_from(&map.time_zone);
    programme.default_region = None;
    Ok(programme)
}

#[cfg(test)]
mod tests {
    use analytics::import::ImportMap;
    use domain::money::Currency;
    use domain::programme::{Programme, check};

    #[test]
    fn the_starter_takes_currency_and_zone_of_the_data() {
        let map = include_str!("../../../../../examples/maps/online_retail.toml");
        let map = ImportMap::parse(map).expect("the map holds");
        let text = super::text(None, Some(&map)).expect("a programme");
        let programme = Programme::from_json(&text).expect("it holds");
        assert_eq!(programme.currency, Currency::new("GBP").expect("a currency"));
        assert_eq!(programme.time_zone, "Europe/London");
        assert!(!check(&programme).iter().any(domain::programme::Finding::is_error));
    }
}
