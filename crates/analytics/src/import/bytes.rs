//! The compact form in which lines and receipts wait on disk until they are sorted.
//! A line's bytes are its identity: equal lines have equal bytes, and byte order is receipt order.

use std::borrow::Cow;

/// A line item before it is a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line<'a> {
    /// Whether it comes back.
    pub(super) is_return: bool,
    /// Its number in the receipt, 0 where the file has none.
    pub(super) number: u32,
    pub(super) sku: &'a str,
    /// Minor units; above zero for returns.
    pub(super) amount: i64,
    pub(super) quantity_milli: i64,
    pub(super) tax: i64,
    pub(super) category: &'a str,
    pub(super) brand: &'a str,
    /// The purchase it says it comes from.
    pub(super) purchase: &'a str,
    /// Whether its row begins with it: false for the second line of a wide row and so on.
    pub(super) begins_row: bool,
}

/// Reads what the `put` functions wrote; `None` where the bytes end early or are no text.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

/// Appends a number in as few bytes as it needs (LEB128).
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// Appends a number of either sign (zigzag).
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned());
}

/// Appends text with its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// A number of either sign as bytes that sort like it.
pub(super) fn to_key(value: i64) -> [u8; 8] {
    (value.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The number of such bytes.
pub(super) fn from_key(bytes: &[u8]) -> Option<i64> {
    Some((u64::from_be_bytes(bytes.try_into().ok()?) ^ (1 << 63)).cast_signed())
}

/// Appends a line, its tags and its payments. Purchases sort before returns, then by number, then by SKU, which
/// is ended by a zero byte that no text contains, then by amount.
pub(super) fn put_line(
    out: &mut Vec<u8>,
    line: &Line<'_>,
    tags: &[String],
    payments: &[(Cow<'_, str>, i64)],
) {
    out.push(u8::from(line.is_return));
    out.extend_from_slice(&line.number.to_be_bytes());
    out.extend_from_slice(line.sku.as_bytes());
    out.push(0);
    out.extend_from_slice(&to_key(line.amount));
    put_signed(out, line.quantity_milli);
    put_signed(out, line.tax);
    put_text(out, line.category);
    put_text(out, line.brand);
    put_text(out, line.purchase);
    put_number(out, tags.len() as u64);
    for tag in tags {
        put_text(out, tag);
    }
    put_number(out, payments.len() as u64);
    for (method, amount) in payments {
        put_text(out, method);
        put_signed(out, *amount);
    }
    out.push(u8::from(line.begins_row));
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(length)?;
        self.bytes = tail;
        Some(head)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// Bytes behind a length of four bytes.
    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.take(4)?.try_into().ok().map(u32::from_le_bytes)?;
        self.take(usize::try_from(length).ok()?)
    }

    /// The line at the front; tags and payments follow and are read with [`Self::tags`] and [`Self::payments`].
    pub(super) fn line(&mut self) -> Option<Line<'a>> {
        let is_return = self.byte()? == 1;
        let number = self.take(4)?.try_into().ok().map(u32::from_be_bytes)?;
        let sku_length = self.bytes.iter().position(|byte| *byte == 0)?;
        let sku = std::str::from_utf8(self.take(sku_length)?).ok()?;
        self.take(1)?;
        Some(Line {
            is_return,
            number,
            sku,
            amount: from_key(self.take(8)?)?,
            quantity_milli: self.signed()?,
            tax: self.signed()?,
            category: self.text()?,
            brand: self.text()?,
            purchase: self.text()?,
            begins_row: false,
        })
    }

    pub(super) fn tags(&mut self) -> Option<Vec<String>> {
        (0..self.number()?).map(|_| self.text().map(str::to_owned)).collect()
    }

    pub(super) fn payments(&mut self) -> Option<Vec<(&'a str, i64)>> {
        (0..self.number()?).map(|_| Some((self.text()?, self.signed()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Reader, put_line, put_number, put_signed, put_text};

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        for value in [0, 1, 127, 128, u64::MAX] {
            put_number(&mut bytes, value);
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            put_signed(&mut bytes, value);
        }
        put_text(&mut bytes, "积分");
        let mut reader = Reader::new(&bytes);
        for value in [0, 1, 127, 128, u64::MAX] {
            assert_eq!(reader.number(), Some(value));
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(reader.signed(), Some(value));
        }
        assert_eq!(reader.text(), Some("积分"));
        assert_eq!(reader.len(), 0);
        assert_eq!(reader.byte(), None);
    }

    #[test]
    fn lines_sort_by_number_and_sku_with_returns_last() {
        let bytes = |is_return, number, sku, amount| {
            let mut out = Vec::new();
            let line = Line { is_return, number, sku, amount, ..Line::default() };
            put_line(&mut out, &line, &["t".to_owned()], &[("card".into(), 5)]);
            let mut reader = Reader::new(&out);
            assert_eq!(reader.line(), Some(line));
            assert_eq!(reader.tags(), Some(vec!["t".to_owned()]));
            assert_eq!(reader.payments(), Some(vec![("card", 5)]));
            out
        };
        let order = [
            bytes(false, 1, "z", 0),
            bytes(false, 2, "a", -300),
            bytes(false, 2, "a", 2),
            bytes(false, 2, "a", 300),
            bytes(false, 2, "ab", 1),
            bytes(true, 1, "a", 1),
        ];
        assert!(order.is_sorted());
    }
}
