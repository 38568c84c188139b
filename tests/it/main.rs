//! The tests of the whole program: one binary, one file per feature. Every test that touches the database runs on
//! SQLite and on PostgreSQL (`both!`).

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[macro_use]
mod support;

mod accounts;
mod audit;
mod bulk;
mod by_two;
mod checks;
mod consents;
mod door;
mod exam_changes;
mod exams;
mod face;
mod failures;
mod fees;
mod hand_in;
mod harness;
mod identity;
mod identity_cards;
mod identity_documents;
mod identity_review;
mod kill;
mod load;
mod matrix;
mod memory;
mod messages;
mod overview;
mod paging;
mod passkeys;
mod payments;
mod payments_flags;
mod payments_review;
mod pictures;
mod questions;
mod races;
mod registrations;
mod registrations_console;
mod registrations_lists;
mod retention;
mod rosters;
mod seating;
mod settings;
mod sms;
mod staff;
mod start;
mod statements;
mod tickets;
mod tidy;
mod undo;
mod uploads;
mod windows;
