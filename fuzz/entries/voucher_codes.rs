//! Voucher codes, as they are typed and scanned.

use domain::voucher::{CodeError, CodeForm, VoucherCode};

use crate::judge::Read;

/// A voucher code as somebody wrote it: read the same however it is written, and none with one wrong character is read.
pub fn voucher_codes(bytes: &[u8]) -> Read {
    let Ok(text) = std::str::from_utf8(bytes) else { return Read::Foreign };
    match VoucherCode::parse(text) {
        Ok(code) => {
            let normal = code.as_str();
            for written in [normal, &code.to_string(), &normal.to_lowercase()] {
                assert_eq!(
                    VoucherCode::parse(written).as_ref(),
                    Ok(&code),
                    "written and read again: {written}"
                );
            }
            one_wrong_character(normal);
            Read::Accepted
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "no words: {error:?}");
            match error {
                CodeError::Length { length } => {
                    let lengths = [CodeForm::Typed.length(), CodeForm::Scanned.length()];
                    assert!(!lengths.contains(&length), "refused for a length that codes have: {text}");
                }
                CodeError::Character { character } => assert!(text.contains(character), "{error:?}"),
                CodeError::Check => {}
            }
            Read::Refused
        }
    }
}

/// In each place the next digit or letter in turn: none of these is a code.
fn one_wrong_character(normal: &str) {
    for (place, character) in normal.char_indices() {
        let other = if character == 'Z' {
            '0'
        } else if character == '9' {
            'A'
        } else {
            'Z'
        };
        let wrong: String =
            normal[..place].chars().chain([other]).chain(normal[place + 1..].chars()).collect();
        assert_eq!(VoucherCode::parse(&wrong), Err(CodeError::Check), "{wrong} instead of {normal}");
    }
}
