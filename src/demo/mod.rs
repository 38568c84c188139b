//! The demo: specimens to go the whole way without a real card or a payment. Nothing here exists outside it: the router adds these routes only for the command `demo`.

pub mod actions;
pub mod fill;
pub mod specimens;
pub mod web;
