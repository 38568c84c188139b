//! Rooms, seats and the release of tickets (考场编排).

pub mod actions;
pub mod console;
pub mod store;
