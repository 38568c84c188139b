//! Registrations: one candidate's way through one exam, and its states.

pub mod actions;
pub mod console;
pub mod store;
pub mod web;
