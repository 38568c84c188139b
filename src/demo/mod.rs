//! The demo: specimens to go the whole way without a real card or a payment. Nothing here exists outside it.

pub mod actions;
pub mod web;
