//! Face check (人脸识别): consent, gates, a random turn of the head, comparison with the card; or a person, on the same page.

pub mod actions;
pub mod console;
pub mod jobs;
pub mod store;
pub mod web;
