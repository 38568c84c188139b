//! Face check (人脸识别): consent, gates, a random turn of the head, comparison with the card; or a person, on the same page.
//!
//! Invariants:
//! - Nobody is forced through face recognition: 人工审核 stands beside it on the same page, and a person decides whatever the machine cannot.
//! - Only the live way passes without a person. A still photograph is compared too, but shows nothing about who holds the phone.
//! - Frames are deleted once the decision is made, but the one best frame and a keyed hash of each, by which the same picture is known when it is sent again; the numbers that a face is reduced to never leave the memory of the comparison.

pub mod actions;
pub mod consent;
pub mod console;
pub mod frames;
pub mod guide;
pub mod jobs;
pub mod look;
pub mod store;
pub mod web;
pub mod words;

use baokao_vision::face::turns::Turn;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::types::UnixMs;
use frames::StoredFrame;

/// A live check must be sent within so many seconds of its challenge.
pub const CHALLENGE_SECONDS: i64 = 40;
/// How many turns of the head are asked for.
pub const TURNS: usize = 2;
/// After so many failures of a registration only the person way is left (product rule).
pub const MAX_FAILURES: i64 = 5;

/// How a candidate shows the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Camera, with turns of the head.
    Live,
    /// One photograph, compared by the machine, decided by a person.
    File,
    /// One photograph with the card in the hand, looked at by a person only.
    Holding,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Live, Self::File, Self::Holding];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::File => "file",
            Self::Holding => "holding",
        }
    }

    /// The words of the console.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "刷脸核验",
            Self::File => "拍照上传",
            Self::Holding => "手持证件照",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|way| way.code() == code).unwrap_or(Self::Holding)
    }
}

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// The challenge was given out; its frames have not come.
    Open,
    /// Frames or photograph are stored and wait for the machine.
    Checking,
    /// The machine saw the candidate.
    Passed,
    /// The machine did not; the candidate can try again.
    Failed,
    /// Waits for a person.
    Person,
    /// A person approved it.
    Approved,
    /// A person sent it back.
    Returned,
    /// Too late, replaced by a newer one, or its consent was withdrawn.
    Expired,
}

impl CheckState {
    /// All states.
    pub const ALL: [Self; 8] =
        [Self::Open, Self::Checking, Self::Passed, Self::Failed, Self::Person, Self::Approved, Self::Returned, Self::Expired];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Checking => "checking",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Person => "person",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Expired => "expired",
        }
    }

    /// The word for the export of one's own data.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "未完成",
            Self::Checking => "核验中",
            Self::Passed => "自动通过",
            Self::Failed => "未通过",
            Self::Person => "待审核",
            Self::Approved => "审核通过",
            Self::Returned => "审核退回",
            Self::Expired => "已作废",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.code() == code).unwrap_or(Self::Expired)
    }
}

/// What a live check asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// In their order, in the person's own terms.
    pub turns: Vec<Turn>,
}

impl Challenge {
    /// Turns chosen by a random byte: each bit is one turn.
    pub fn random(byte: u8) -> Self {
        let turns = (0..TURNS).map(|bit| if byte >> bit & 1 == 1 { Turn::Right } else { Turn::Left }).collect();
        Self { turns }
    }
}

/// A check as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Check {
    pub id: i64,
    pub public_ref: String,
    pub account: i64,
    pub registration: i64,
    pub way: String,
    pub state: String,
    pub nonce_hash: Option<Vec<u8>>,
    pub challenge: String,
    pub expires_at: i64,
    pub frames: String,
    pub picture: Option<i64>,
    pub similarity: Option<i64>,
    pub problems: String,
    pub created_at: i64,
    pub decided_at: Option<i64>,
    pub reason: String,
    pub leased_by: Option<i64>,
    pub lease_until: i64,
}

impl Check {
    /// How the face was shown.
    pub fn way(&self) -> Way {
        Way::stored(&self.way)
    }

    /// Where it stands.
    pub fn state(&self) -> CheckState {
        CheckState::stored(&self.state)
    }

    /// The frames that wait.
    pub fn frames(&self) -> Result<Vec<StoredFrame>> {
        if self.frames.is_empty() { Ok(Vec::new()) } else { Ok(serde_json::from_str(&self.frames)?) }
    }

    /// What was asked for.
    pub fn challenge(&self) -> Result<Challenge> {
        Ok(serde_json::from_str(&self.challenge)?)
    }

    /// The codes of what was wrong.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.split(',').filter(|code| !code.is_empty())
    }

    /// Whether another staff member holds the case now.
    pub fn is_held_by_another(&self, staff: i64, now: UnixMs) -> bool {
        self.leased_by.is_some_and(|holder| holder != staff) && self.lease_until > now.0
    }

    /// The similarity as people read it: two decimals.
    pub fn similarity_words(&self) -> Option<String> {
        self.similarity.map(|value| format!("{:.2}", value as f64 / 10_000.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_turns_can_be_asked() {
        let mut seen: Vec<Challenge> = Vec::new();
        for byte in 0..=255 {
            let challenge = Challenge::random(byte);
            assert_eq!(challenge.turns.len(), TURNS);
            if !seen.contains(&challenge) {
                seen.push(challenge);
            }
        }
        assert_eq!(seen.len(), 4);
    }
}
