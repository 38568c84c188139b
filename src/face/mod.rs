//! Face check (人脸识别): consent, gates, a random turn of the head, comparison with the card; or a person, on the same page.
//!
//! Invariants:
//! - Nobody is forced through face recognition: 人工审核 stands beside it on the same page, and a person decides whatever the machine cannot.
//! - Only the live way passes without a person. A still photograph is compared too, but shows nothing about who holds the phone.
//! - Frames are deleted once the decision is made, but the one best frame and a keyed hash of each, by which the same picture is known when it is sent again; the numbers that a face is reduced to never leave the memory of the comparison, unless the operator has switched the search over stored faces on ([`stored`]).

pub mod actions;
pub mod consent;
pub mod console;
pub mod frames;
pub mod guide;
pub mod jobs;
pub mod look;
pub mod store;
pub mod stored;
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
/// So many failures of a registration, then a pause (product rule).
pub const TRIES: i64 = 5;
/// How long the pause is.
pub const PAUSE_S: i64 = 30 * 60;
/// After so many failures only people are left to decide.
pub const MAX_FAILURES: i64 = 2 * TRIES;

/// How often the machine may still be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// So many times before the next pause, or before the end.
    Left(i64),
    /// From then on again.
    PauseUntil(UnixMs),
    /// Never: a person decides.
    Over,
}

impl Tries {
    /// After so many failures, the newest of them at `last`.
    pub fn after(failures: i64, last: UnixMs, now: UnixMs) -> Self {
        let pause_ends = last.plus_s(PAUSE_S);
        match failures {
            MAX_FAILURES.. => Self::Over,
            TRIES if now < pause_ends => Self::PauseUntil(pause_ends),
            ..TRIES => Self::Left(TRIES - failures),
            _ => Self::Left(MAX_FAILURES - failures),
        }
    }

    /// How many are left now.
    pub fn left(self) -> i64 {
        match self {
            Self::Left(left) => left,
            Self::PauseUntil(_) | Self::Over => 0,
        }
    }

    /// Why there is none, and what to do; "" where there is one.
    pub fn words(self) -> String {
        match self {
            Self::Left(_) => String::new(),
            Self::PauseUntil(at) => {
                format!(
                    "刷脸核验已经 {TRIES} 次没有通过，请在 {} 以后再试。也可以现在选择人工审核或现场核验，由工作人员为您核对。",
                    at.local().strftime("%H:%M")
                )
            }
            Self::Over => "刷脸核验多次没有通过，请选择人工审核或现场核验，由工作人员为您核对。".into(),
        }
    }
}

/// How a candidate shows the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Camera, with turns of the head.
    Live,
    /// One photograph, compared by the machine, decided by a person.
    File,
    /// One photograph with the card in the hand, looked at by a person only.
    Holding,
    /// Face to face: staff saw the person and the card, and gave out a code.
    Onsite,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Live, Self::File, Self::Holding, Self::Onsite];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::File => "file",
            Self::Holding => "holding",
            Self::Onsite => "onsite",
        }
    }

    /// The words of the console.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "刷脸核验",
            Self::File => "拍照上传",
            Self::Holding => "手持证件照",
            Self::Onsite => "现场核验",
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
        self.similarity.map(cosine_words)
    }
}

/// A cosine in ten-thousandths as people read it.
pub(crate) fn cosine_words(ten_thousandths: i64) -> String {
    format!("{:.2}", ten_thousandths as f64 / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_a_pause_five_more_and_then_people() {
        let (last, now) = (UnixMs(1_000_000), UnixMs(1_000_000));
        let left = |failures, now| Tries::after(failures, last, now);
        assert_eq!([0, 1, 4].map(|failures| left(failures, now)), [5, 4, 1].map(Tries::Left));
        let ends = last.plus_s(PAUSE_S);
        assert_eq!(left(5, now), Tries::PauseUntil(ends));
        assert_eq!(left(5, UnixMs(ends.0 - 1)), Tries::PauseUntil(ends));
        assert_eq!(left(5, ends), Tries::Left(5));
        assert_eq!(left(9, now), Tries::Left(1));
        assert_eq!([10, 11].map(|failures| left(failures, UnixMs(i64::MAX))), [Tries::Over; 2]);
        assert!(
            left(5, now).words().contains("以后再试") && left(10, now).words().contains("由工作人员") && left(0, now).words().is_empty()
        );
    }

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
