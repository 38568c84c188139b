//! The whole way from a picture to its reading, with the real models on pictures that the project draws and on real
//! photographs. Without the models these tests fail and say what to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bombs;
mod cards;
mod damage;
mod documents;
mod faces;
mod impostors;
mod receipts;
mod support;
