//! Addresses with a query: the state of a list lives there, so that it can be shared and gone back to.

/// Percent-encodes a value of a query.
pub(crate) fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&hexadecimal(&[byte]).to_uppercase());
        }
    }
    text
}

/// Bytes as hexadecimal text.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// An address with the fields that have a value.
pub(crate) fn address(path: &str, fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn values_survive_an_address() {
        assert_eq!(address("/console", &[("q", "张 &=%"), ("tier", "")]), "/console?q=%E5%BC%A0%20%26%3D%25");
        assert_eq!(address("/console", &[("tier", "")]), "/console");
    }
}
