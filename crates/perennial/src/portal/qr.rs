//! The card number as a QR code: one path of squares, drawn by the page itself, so that it is sharp at every size and
//! needs no image, script or style of its own.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Squares of white around the code that scanners need (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// A code to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Squares in a row, the quiet zone included.
    pub(crate) size: usize,
    /// The dark squares as a path: runs of them, row by row.
    pub(crate) path: String,
}

/// Draws a text; `None` if it is too long for any code.
pub(super) fn draw(text: &str) -> Option<Drawing> {
    // A quarter may be lost to a scratched screen or a bright lamp.
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::Q).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, squares) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let run = squares[column..].iter().take_while(|square| **square == Color::Dark).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", column + QUIET, row + QUIET);
            }
            column += run.max(1);
        }
    }
    Some(Drawing { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::{QUIET, draw};

    #[test]
    fn the_finder_pattern_of_the_upper_left_corner_is_where_it_belongs() {
        let drawing = draw("6200000000000001").unwrap();
        // ISO/IEC 18004, 6.3.3: seven dark squares, then one, five light, one; version 1 has 21 squares a row.
        assert_eq!(drawing.size, 21 + 2 * QUIET);
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"), "{}", drawing.path);
        assert!(drawing.path.contains("M4 5h1v1h-1zM10 5h1v1h-1z"), "{}", drawing.path);
        assert!(drawing.path.contains("M6 6h3v1h-3z"), "{}", drawing.path);
    }

    #[test]
    fn what_is_too_long_is_not_drawn() {
        assert_eq!(draw(&"x".repeat(3_000)), None);
    }
}
