//! The console's first page: what needs doing, and the figures of each exam; and whether the program has all that it needs.

pub mod actions;
pub mod chart;
pub mod console;
mod health;
pub mod jobs;
pub mod store;
mod words;
