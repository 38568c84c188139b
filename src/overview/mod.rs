//! The console's first page: what needs doing, and the figures of each exam.

pub mod actions;
pub mod chart;
pub mod console;
pub mod jobs;
pub mod store;
mod words;
