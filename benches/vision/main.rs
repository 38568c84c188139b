//! Documents read in the open: `make bench-vision`. Draws every set by fixed seeds, in four grades of damage and with cameras of 1 to 12 megapixels, reads all,
//! and prints tables in Markdown: accuracy by field and grade, what the judge makes of true and of changed declarations, times on one thread, peak memory; the
//! same fronts through RapidOCR in the same run.
//!
//! `cargo bench --profile dev --bench vision -- [--each N] [--compared N] [--keep] [fronts|backs|permits|receipts]…`: N fronts of each grade instead of 250, of which N
//! instead of 100 are compared; `--keep` takes pictures
//! that are drawn already. Drawing and reading are processes of their own, so that one's memory is not counted as the other's.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub, reason = "a bench that cannot go on says so by ending")]

mod backs;
mod fronts;
mod meter;
mod people;
mod permits;
mod rapid;
mod receipts;

use std::path::{Path, PathBuf};

/// Longer side of the largest camera's pictures; what the page's script makes of them before it sends them.
pub const CAMERA: u32 = 4032;
pub const SHRUNK: u32 = 2048;

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Fronts of each grade that are judged.
    pub each: usize,
    /// Fronts of each grade that all fields are read of, here and by RapidOCR.
    pub compared: usize,
    /// Whether pictures that are there are taken as they are.
    pub keep: bool,
}

impl Plan {
    /// Backs and permits of each grade.
    pub fn others(&self) -> usize {
        (self.each / 10).max(1)
    }
}

/// The folder of what was fetched.
pub fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched")
}

/// The folder of the sets.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vision");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut plan = Plan { each: 250, compared: 100, keep: false };
    let mut sets: Vec<String> = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--each" => plan.each = arguments.next().and_then(|count| count.parse().ok()).expect("--each N"),
            "--compared" => plan.compared = arguments.next().and_then(|count| count.parse().ok()).expect("--compared N"),
            "--keep" => plan.keep = true,
            "read-fronts" => return fronts::read(),
            _ => sets.push(argument),
        }
    }
    let wanted = |set: &str| sets.is_empty() || sets.iter().any(|one| one == set);
    meter::print_machine();
    if wanted("fronts") {
        fronts::run(&plan);
    }
    if wanted("backs") {
        backs::run(&plan);
    }
    if wanted("permits") {
        permits::run(&plan);
    }
    if wanted("receipts") {
        receipts::run();
    }
}
