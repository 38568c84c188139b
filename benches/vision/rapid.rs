//! The same fronts through RapidOCR, by scripts/rapidocr_cards.py.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::assets;
use crate::fronts::Case;
use crate::meter::{Spent, share};
use crate::people::plain;

#[derive(Debug, Deserialize)]
struct Line {
    lines: Vec<String>,
    #[serde(flatten)]
    spent: Spent,
}

/// What it took.
#[derive(Debug)]
pub struct Found {
    pub spent: Vec<Spent>,
    pub peak_mib: f64,
}

/// Reads the fronts with a setting. `None`: it is not installed. What it read right is printed after the table, as lines on standard error.
pub fn read(setting: &str, cases: &[&Case]) -> Option<Found> {
    let packages = assets().join("rapidocr");
    if !packages.is_dir() {
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/rapidocr_cards.py");
    let mut child = Command::new("python3")
        .arg(script)
        .arg(setting)
        .env("PYTHONPATH", packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let files: String = cases.iter().map(|case| format!("{}\n", case.file)).collect();
    child.stdin.take().expect("piped").write_all(files.as_bytes()).expect("every file named");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "RapidOCR ended early");
    let text = String::from_utf8(output.stdout).expect("text");
    let (last, lines) = text.trim_end().rsplit_once('\n').map(|(lines, last)| (last, lines)).expect("lines");
    let peak: serde_json::Value = serde_json::from_str(last).expect("json");
    let lines: Vec<Line> = lines.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    accuracy(setting, cases, &lines);
    Some(Found { spent: lines.iter().map(|line| line.spent).collect(), peak_mib: peak["peak_kib"].as_f64().expect("a number") / 1024.0 })
}

/// A field is right where some line says it, labels apart.
fn accuracy(setting: &str, cases: &[&Case], read: &[Line]) {
    for grade in 1..=4 {
        let of: Vec<(&&Case, Vec<String>)> = cases
            .iter()
            .zip(read)
            .filter(|(case, _)| case.grade == grade)
            .map(|(case, line)| (case, line.lines.iter().map(|line| plain(line)).collect()))
            .collect();
        let count =
            |is_right: fn(&Case, &[String]) -> bool| share(of.iter().filter(|(case, lines)| is_right(case, lines)).count(), of.len());
        let name = count(|case, lines| lines.iter().any(|line| line.strip_prefix("姓名").unwrap_or(line) == plain(&case.name)));
        let number = count(|case, lines| lines.iter().any(|line| line.contains(&case.number)));
        let birth = count(|case, lines| {
            let printed = format!("{}年{}月{}日", case.birth.year(), case.birth.month(), case.birth.day());
            lines.concat().contains(&printed)
        });
        let address = count(|case, lines| lines.concat().replace("住址", "").contains(&plain(&case.address)));
        eprintln!("RapidOCR {setting}, grade {grade}: name {name}, number {number}, birth {birth}, address {address} of {}", of.len());
    }
}
