//! `card`, `document`, `face`, `receipt`, `number`: what the product reads, from the shell. Results go to standard output, problems are codes in them; the exit code is 0
//! only where the thing was readable.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use baokao_vision::{
    CardReading, DecodeLimits, DocumentReading, DocumentType, FaceComparison, ReceiptReading, RgbImage, Verdict, Vision,
    number as identity_number,
};
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use crate::config::Config;
use crate::error::{Error, Result};

#[derive(Debug, Subcommand)]
pub(super) enum CardCommand {
    /// Read a resident identity card
    Read {
        /// The side with the portrait
        front: PathBuf,
        /// The side with the emblem
        back: Option<PathBuf>,
        /// Print JSON (the only format; kept explicit so that scripts stay readable)
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DocumentCommand {
    /// Read a permit, a residence permit, a foreign resident's card or a passport
    Read {
        /// residence_permit, hk_macau_permit, taiwan_permit, foreign_permanent or passport
        kind: String,
        /// The side with the portrait
        front: PathBuf,
        /// The other side
        back: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum FaceCommand {
    /// Compare two faces
    Compare {
        /// One picture
        a: PathBuf,
        /// The other
        b: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ReceiptCommand {
    /// Read an order screenshot
    Read {
        /// The picture
        picture: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum NumberCommand {
    /// Check a resident identity number
    Check {
        /// 18 characters, as people type them: full-width digits, a small x and spaces are put right first
        number: String,
        /// Print JSON (the only format)
        #[arg(long)]
        json: bool,
    },
}

fn open(config: &Config) -> Vision {
    Vision::open(&config.assets.join("models"))
}

fn decode(path: &Path) -> Result<std::result::Result<RgbImage, &'static str>> {
    decode_within(path, &DecodeLimits::default())
}

fn decode_within(path: &Path, limits: &DecodeLimits) -> Result<std::result::Result<RgbImage, &'static str>> {
    let bytes = std::fs::read(path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    if bytes.len() > crate::pictures::MAX_PICTURE_BYTES {
        return Ok(Err("too_large"));
    }
    Ok(baokao_vision::decode(&bytes, limits).map_err(|problem| problem.code()))
}

fn print(value: &impl Serialize, readable: bool) -> Result<ExitCode> {
    println!("{}", serde_json::to_string(value)?);
    Ok(if readable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A reading, with what is wrong with the files before its own problems: the keys are the same whether a picture could be decoded or not.
fn undecodable(reading: &impl Serialize, problems: &[&&'static str]) -> Result<serde_json::Value> {
    let mut value = serde_json::to_value(reading)?;
    let own = value["problems"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<serde_json::Value> = problems.iter().map(|code| json!(code)).collect();
    all.extend(own);
    all.dedup();
    value["problems"] = json!(all);
    Ok(value)
}

pub(super) fn card(config: &Config, command: CardCommand) -> Result<ExitCode> {
    let CardCommand::Read { front, back, .. } = command;
    let front = decode(&front)?;
    let back = back.map(|path| decode(&path)).transpose()?;
    let undecoded: Vec<_> = front.as_ref().err().into_iter().chain(back.as_ref().and_then(|back| back.as_ref().err())).collect();
    let (front, wants_back, back) = (front.as_ref().ok(), back.is_some(), back.as_ref().and_then(|back| back.as_ref().ok()));
    // A side that cannot be decoded takes nothing from the other.
    let reading = if front.is_none() && back.is_none() {
        CardReading::default()
    } else {
        open(config).read_card(front, back).map_err(Error::internal)?
    };
    if !undecoded.is_empty() {
        return print(&undecodable(&reading, &undecoded)?, false);
    }
    let readable = reading.problems.is_empty() && reading.front.is_some() && (!wants_back || reading.back.is_some());
    print(&reading, readable)
}

pub(super) fn document(config: &Config, command: DocumentCommand) -> Result<ExitCode> {
    let DocumentCommand::Read { kind, front, back, .. } = command;
    let kind = DocumentType::ALL.into_iter().find(|known| known.code() == kind).ok_or_else(|| {
        let known = DocumentType::ALL.map(DocumentType::code).join(", ");
        Error::internal(format!("unknown kind {kind}: use one of {known}"))
    })?;
    let front = decode(&front)?;
    let back = back.map(|path| decode(&path)).transpose()?;
    let (Ok(front), Ok(back)) = (&front, back.as_ref().map(|b| b.as_ref()).transpose()) else {
        let problems: Vec<_> = front.as_ref().err().into_iter().chain(back.as_ref().and_then(|b| b.as_ref().err())).collect();
        return print(&undecodable(&DocumentReading::new(kind), &problems)?, false);
    };
    let today = crate::clock::Clock::system().now().date();
    let reading = open(config).read_document(kind, Some(front), back, today).map_err(Error::internal)?;
    let readable = reading.problems.is_empty();
    print(&reading, readable)
}

pub(super) fn face(config: &Config, command: FaceCommand) -> Result<ExitCode> {
    let FaceCommand::Compare { a, b, .. } = command;
    let (a, b) = (decode(&a)?, decode(&b)?);
    let (Ok(a), Ok(b)) = (&a, &b) else {
        let problems: Vec<_> = a.as_ref().err().into_iter().chain(b.as_ref().err()).collect();
        let unread = FaceComparison { similarity: None, verdict: Verdict::Unsure, problems: Vec::new() };
        return print(&undecodable(&unread, &problems)?, false);
    };
    let comparison = open(config).compare_faces(a, b).map_err(Error::internal)?;
    let readable = comparison.problems.is_empty();
    print(&comparison, readable)
}

pub(super) fn receipt(config: &Config, command: ReceiptCommand) -> Result<ExitCode> {
    let ReceiptCommand::Read { picture, .. } = command;
    match decode_within(&picture, &DecodeLimits::screenshot())? {
        Ok(picture) => {
            let reading = open(config).read_receipt(&picture).map_err(Error::internal)?;
            let readable = reading.problems.is_empty();
            print(&reading, readable)
        }
        Err(problem) => print(&undecodable(&ReceiptReading::default(), &[&problem])?, false),
    }
}

pub(super) fn number(command: NumberCommand) -> Result<ExitCode> {
    let NumberCommand::Check { number, .. } = command;
    let number = crate::types::normalise_number(&number);
    let today = crate::clock::Clock::system().now().date();
    match identity_number::check(&number) {
        Ok(facts) if facts.birth > today => print(&json!({ "valid": false, "problem": "birth_ahead" }), false),
        Ok(facts) => print(&json!({ "valid": true, "birth": facts.birth, "sex": facts.sex, "area": facts.area }), true),
        Err(problem) => print(&json!({ "valid": false, "problem": problem }), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_cannot_be_decoded_gives_the_keys_that_any_other_gives() {
        let receipt = undecodable(&ReceiptReading::default(), &[&"damaged"]).expect("json");
        let keys = ["channel", "kind", "amount_fen", "paid_at", "transaction", "order", "payee", "status", "problems"];
        assert!(keys.iter().all(|key| receipt.get(key).is_some()), "{receipt}");
        assert_eq!((&receipt["amount_fen"], &receipt["problems"]), (&json!(null), &json!(["damaged"])));
        let unread = FaceComparison { similarity: None, verdict: Verdict::Unsure, problems: Vec::new() };
        let face = undecodable(&unread, &[&"too_large", &"damaged"]).expect("json");
        assert_eq!(face, json!({ "similarity": null, "verdict": "unsure", "problems": ["too_large", "damaged"] }));
        let front_only = CardReading { problems: vec![baokao_vision::CardProblem::Dark], ..CardReading::default() };
        let card = undecodable(&front_only, &[&"not_a_picture"]).expect("json");
        assert_eq!(card, json!({ "front": null, "back": null, "problems": ["not_a_picture", "dark"] }));
    }
}
