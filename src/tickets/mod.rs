//! Admission tickets (准考证) as PDF.

pub mod actions;
pub mod web;
