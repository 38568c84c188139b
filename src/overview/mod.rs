//! The console's first page.

pub mod actions;
pub mod console;
