//! Exams: what is offered, when, for how much, under which rules.

pub mod actions;
pub mod console;
pub mod store;
pub mod web;
