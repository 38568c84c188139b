//! Pictures of documents for tests and the demo: a specimen identity card and other documents, photographs of them on a table, and
//! the order screenshots of payment apps.
//!
//! Nothing here belongs to anybody: every picture is marked 样本 SPECIMEN outside its fields, cards carry a plain circle
//! where the emblem would be, and their numbers use an area code that was never given out (see [`number`]). The marks
//! cannot be switched off. What stays true to the genuine documents is the layout, so that a reader that works here works there.
//!
//! The same input gives the same picture, to the byte. Texts are limited in length, so that no input makes a picture
//! slow; what is longer is cut.

pub mod card;
pub mod document;
pub mod encode;
pub mod number;
pub mod receipt;
pub mod scene;
pub mod selfie;

mod canvas;
mod fonts;
mod guilloche;
mod noise;
mod phone;
mod portrait;

pub use fonts::{Fonts, MissingFonts};
pub use image::RgbImage;
