//! The outside world, each a small trait or enum with its implementations: where objects lie, how an SMS leaves.

pub mod objects;
