//! The outside world: where objects lie.

pub mod objects;
