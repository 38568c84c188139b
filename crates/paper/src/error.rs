//! What can go wrong on the way to paper.
//!
//! Use [`MissingFonts`] when the program starts and the font folder is not complete, [`QrError`] for a text
//! that cannot become a QR code, and [`PaperError`] for everything that stops a document.

use std::path::PathBuf;

use crate::qr::QrError;

/// The font folder is not complete: nothing can be printed before it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fonts missing or unreadable: {}; run `make assets`", list(.files))]
pub struct MissingFonts {
    /// The files that are absent or are no fonts.
    pub files: Vec<PathBuf>,
}

/// Why a document could not be made. No variant carries a person's data except the single character of
/// [`PaperError::MissingGlyph`].
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// No font has this character, and [`OnMissing::Refuse`](crate::OnMissing::Refuse) was asked for.
    #[error("no font has the character U+{:04X}", u32::from(*.0))]
    MissingGlyph(char),
    /// A font that was there when the program started can no longer be read.
    #[error("cannot read the font {}: {reason}", .path.display())]
    Font {
        /// The font's file.
        path: PathBuf,
        /// What the system or the font reader said.
        reason: String,
    },
    /// A value is longer than a page can take.
    #[error("{field} has {len} characters, at most {max} are printed")]
    TooLong {
        /// Name of the field, in English, for the log.
        field: &'static str,
        /// How long the value is, in characters.
        len: usize,
        /// The limit, in characters.
        max: usize,
    },
    /// There are more things (rules, rows, tickets) than one document takes.
    #[error("more than {max} {what} in one document")]
    TooMany {
        /// What was counted, in English plural.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// The photo is not a picture that can be read, or is larger than the limits of
    /// [`picture`](crate::picture).
    #[error("the photo cannot be used: {0}")]
    Photo(String),
    /// A row is higher than an empty page.
    #[error("a row is higher than a page")]
    RowTooHigh,
    /// The text of the QR code cannot be encoded.
    #[error("QR code: {0}")]
    Qr(#[from] QrError),
    /// The PDF writer refused the document.
    #[error("PDF writer: {0}")]
    Pdf(String),
}

fn list(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    names.join(", ")
}
