//! A QR code (ISO/IEC 18004) as the path of an SVG drawing, one unit to a module, with the quiet zone of four.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the code.
const QUIET: usize = 4;

/// A code to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// Width and height of the drawing.
    pub(super) size: usize,
    /// The dark modules.
    pub(super) path: String,
}

/// The code of a text; none if it is too long for one.
pub(super) fn draw(text: &str) -> Option<Code> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let run = modules[column..].iter().take_while(|module| **module == Color::Dark).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", column + QUIET, row + QUIET);
            }
            column += run.max(1);
        }
    }
    Some(Code { size: width + 2 * QUIET, path })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::draw;

    #[test]
    fn a_reference_becomes_a_small_code_with_its_three_finders() {
        let code = draw("s001-261125-7KQ4MX").unwrap();
        assert_eq!(code.size, 25 + 8, "version 2 holds it");
        // The upper edges of the finder patterns: seven dark modules in a row.
        for corner in ["M4 4h7v1", "M22 4h7v1", "M4 22h7v1"] {
            assert!(code.path.contains(corner), "{corner}");
        }
        assert!(draw(&"x".repeat(5_000)).is_none());
    }
}
