//! Baokao (报考): exam registration that a school runs itself.
//!
//! The map, from the ground up. What features stand on knows no feature, and a feature uses only features that stand before it. [`app`] alone is known above and below: it holds
//! the parts that a job needs, and names the feature that does each kind of job.
//!
//! - [`clock`], [`types`], [`error`], [`config`], [`crypto`]: values and rules without a database
//! - [`db`], [`audit`], [`jobs`], [`ports`], [`pictures`]: what the features stand on
//! - [`app`]: the parts, wired in one place
//! - [`web`]: router, sessions, guards, limits, headers, layouts
//! - features, in their order: [`staff`], [`settings`], [`accounts`], [`identity`], [`rosters`], [`exams`], [`registrations`], [`face`], [`payments`], [`seating`], [`tickets`], [`retention`], [`messages`], [`overview`], [`demo`]
//! - [`router`]: all routes; [`cli`]: the commands

pub mod accounts;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod demo;
pub mod error;
pub mod exams;
pub mod face;
pub mod identity;
pub mod jobs;
pub mod messages;
pub mod overview;
pub mod payments;
pub mod pictures;
pub mod ports;
pub mod registrations;
pub mod retention;
pub mod rosters;
pub mod router;
pub mod seating;
pub mod settings;
pub mod staff;
pub mod tickets;
pub mod types;
pub mod web;
