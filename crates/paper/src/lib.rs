//! Paper: admission tickets and, later, every list that is printed for an examination day.
//!
//! This crate knows no database and no web: it takes plain values and gives back the bytes of a PDF. The same input
//! gives the same bytes; nothing here reads a clock.

mod error;
mod fonts;
mod pdf;
pub mod picture;
pub mod qr;
mod sheet;
mod table;
mod text;
pub mod ticket;

pub use error::{MissingFonts, PaperError};
pub use fonts::{Fonts, OnMissing};
pub use picture::Photo;
