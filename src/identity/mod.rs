//! Real-name verification (实名认证): the card's two sides, read here, judged field by field, decided by the machine only where it is sure.

pub mod actions;
pub mod console;
pub mod jobs;
pub mod store;
pub mod web;
