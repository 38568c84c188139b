//! The console's first page.

pub mod console;
pub mod store;
