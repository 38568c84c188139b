//! Registrations: one candidate's way through one exam, and its states.

pub mod actions;
pub mod console;
mod counts;
pub mod history;
pub mod jobs;
pub mod store;
mod study;
pub mod views;
pub mod web;
mod windows;

pub use counts::{MOST_COUNTED, count_words, total_words};
pub use study::StudyStatus;

use crate::error::Error;
use crate::exams::view::ExamView;
use crate::exams::{Exam, PaymentWay, Subject};
use crate::types::{Fen, UnixMs};

/// Where a registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 填写中: notice, face, information.
    Drafting,
    /// 待缴费
    AwaitingPayment,
    /// 待审核: the proof is in.
    Submitted,
    /// 已通过
    Approved,
    /// 已退回
    Returned,
    /// 已编排
    Seated,
    /// 准考证已发布
    Released,
    /// 已撤回
    Withdrawn,
}

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 8] = [
        Self::Drafting,
        Self::AwaitingPayment,
        Self::Submitted,
        Self::Approved,
        Self::Returned,
        Self::Seated,
        Self::Released,
        Self::Withdrawn,
    ];

    /// Stable code; also the colour's name in the style sheets.
    pub fn code(self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Seated => "seated",
            Self::Released => "released",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or(Self::Drafting)
    }

    /// The one word for it, on every page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drafting => "填写中",
            Self::AwaitingPayment => "待缴费",
            Self::Submitted => "待审核",
            Self::Approved => "已通过",
            Self::Returned => "已退回",
            Self::Seated => "已编排",
            Self::Released => "准考证已发布",
            Self::Withdrawn => "已撤回",
        }
    }
}

/// What can happen to a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The notice was accepted.
    AcceptNotice,
    /// The face check ended: passed, or handed to a person.
    Face,
    /// The face step was done again after a person had sent back nothing but the face.
    FaceAgain,
    /// A picture that the exam asks for was uploaded, or taken away.
    File,
    /// The information is complete and there is a fee.
    Information,
    /// The information is complete and there is no fee.
    InformationFree,
    /// The proof was submitted (or: will pay at the school).
    Proof,
    /// Staff approve.
    Approve,
    /// Staff return it, with a reason.
    Return,
    /// The candidate changes the information of something already submitted.
    Change,
    /// The candidate withdraws.
    Withdraw,
    /// The candidate begins again after withdrawing.
    Reopen,
    /// A seat was given.
    Seat,
    /// The arrangement was undone.
    Unseat,
    /// The ticket was released.
    Release,
}

impl Step {
    /// Stable code, kept in the history.
    pub fn code(self) -> &'static str {
        match self {
            Self::AcceptNotice => "notice",
            Self::Face | Self::FaceAgain => "face",
            Self::File => "file",
            Self::Information | Self::InformationFree => "information",
            Self::Proof => "proof",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Change => "change",
            Self::Withdraw => "withdraw",
            Self::Reopen => "reopen",
            Self::Seat => "seat",
            Self::Unseat => "unseat",
            Self::Release => "release",
        }
    }

    /// The words of the history for a stored code.
    pub fn words(code: &str) -> &'static str {
        match code {
            "start" => "开始报名",
            "notice" => "已阅读报考须知",
            "face" => "人脸识别",
            "file" => "上传附件",
            "information" => "填写报考信息",
            "proof" => "提交缴费凭证",
            "first" => "初审通过",
            "approve" => "审核通过",
            "return" => "审核退回",
            "change" => "修改报考信息",
            "withdraw" => "撤回报名",
            "reopen" => "重新报名",
            "seat" => "编排考场",
            "unseat" => "取消编排",
            "release" => "发布准考证",
            _ => "其他",
        }
    }
}

/// The state after a step. Every illegal step is an error with a name and a sentence.
pub fn next(state: State, step: Step) -> Result<State, Error> {
    use State::{Approved, AwaitingPayment, Drafting, Released, Returned, Seated, Submitted, Withdrawn};
    Ok(match (state, step) {
        (Drafting, Step::AcceptNotice | Step::Face | Step::File) => Drafting,
        // A person may decide about the face while the rest goes on.
        (AwaitingPayment | Returned, Step::File) | (AwaitingPayment | Submitted | Returned | Approved, Step::Face) => state,
        (Drafting | AwaitingPayment, Step::Information) => AwaitingPayment,
        (Drafting | AwaitingPayment, Step::InformationFree) => Submitted,
        (AwaitingPayment | Returned, Step::Proof) | (Returned, Step::FaceAgain) => Submitted,
        (Submitted, Step::Approve) => Approved,
        (Submitted | Approved, Step::Return) => Returned,
        (Submitted | Approved | Returned, Step::Change) => AwaitingPayment,
        (Drafting | AwaitingPayment | Submitted | Returned | Approved, Step::Withdraw) => Withdrawn,
        (Withdrawn, Step::Reopen) => Drafting,
        (Approved, Step::Seat) => Seated,
        (Seated, Step::Unseat) => Approved,
        (Seated, Step::Release) => Released,
        (Withdrawn, _) => return Err(Error::refused("withdrawn", "这次报名已经撤回。如需继续，请从首页重新开始报名。")),
        (Seated | Released, _) => return Err(Error::refused("already_seated", "考场已经编排，报名信息不能再变动。如有疑问请联系学校。")),
        (Drafting, _) => return Err(Error::refused("not_finished", "报名还没有填写完，请先完成前面的步骤。")),
        (AwaitingPayment, _) => return Err(Error::refused("awaiting_payment", "这次报名还在等待缴费凭证，请先完成缴费。")),
        (Submitted | Approved | Returned, _) => {
            return Err(Error::refused("already_submitted", "报名已经提交。如需更改，请在“我的报名”中选择修改报考信息。"));
        }
    })
}

/// The pages of signing up, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// 1 须知
    Notice,
    /// 2 人脸
    Face,
    /// 3 信息
    Information,
    /// 4 缴费
    Payment,
    /// 5 凭证
    Proof,
    /// 完成
    Done,
}

impl Place {
    /// The last part of its address, `/registrations/{ref}/…`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Face => "face",
            Self::Information => "information",
            Self::Payment => "payment",
            Self::Proof => "proof",
            Self::Done => "done",
        }
    }
}

/// As stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Registration {
    pub id: i64,
    pub public_ref: String,
    pub account: i64,
    pub exam: i64,
    pub state: String,
    pub version: i64,
    pub notice_shown_at: Option<i64>,
    pub notice_shown_version: Option<i64>,
    pub notice_version: Option<i64>,
    pub notice_accepted_at: Option<i64>,
    pub face_state: String,
    pub face_picture: Option<i64>,
    pub subject: Option<i64>,
    pub study_status: String,
    pub thesis_grade: String,
    pub info_at: Option<i64>,
    pub proof: Option<i64>,
    pub submitted_at: Option<i64>,
    pub reason: String,
    pub fee_fen: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Registration {
    /// Its state.
    pub fn state(&self) -> State {
        State::stored(&self.state)
    }

    /// What is to pay: what was asked when it was handed in, or what its subject costs now. What has to be handed in again costs nothing once the exam does not.
    pub fn fee(&self, exam: &Exam, subject: Option<&Subject>) -> Fen {
        let is_open = matches!(self.state(), State::Drafting | State::AwaitingPayment | State::Returned);
        let asked = self.fee_fen.filter(|_| !(is_open && exam.way() == PaymentWay::Free));
        asked.map_or_else(|| exam.fee_of(subject), Fen)
    }

    /// The same in words; the range of all subjects while none is chosen.
    pub fn fee_words(&self, exam: &Exam, subjects: &[Subject]) -> String {
        let subject = subjects.iter().find(|subject| Some(subject.id) == self.subject);
        if subject.is_none() && self.fee_fen.is_none() {
            return ExamView { exam: exam.clone(), subjects: subjects.to_vec(), now: UnixMs(0) }.fee();
        }
        match self.fee(exam, subject) {
            Fen(0) => "免费".into(),
            fee => fee.to_string(),
        }
    }

    /// Whether the face was seen to be the candidate's, by the machine or a person.
    pub fn face_passed(&self) -> bool {
        self.face_state == "passed"
    }

    /// Whether a person still has to look at the face.
    pub fn face_waits(&self) -> bool {
        self.face_state == "person"
    }

    /// Whether the face step is still to be done, where the exam asks for it.
    pub fn lacks_face(&self, exam: &Exam) -> bool {
        exam.checks().face() && self.face_state == "none"
    }

    /// Where the candidate goes on: the same on every phone, because it follows from what is stored.
    pub fn place(&self, exam: &Exam) -> Place {
        match self.state() {
            State::Drafting => {
                if self.notice_version != Some(exam.notice_version) {
                    Place::Notice
                } else if self.lacks_face(exam) {
                    Place::Face
                } else {
                    Place::Information
                }
            }
            // A person sent the face back while the rest went on.
            State::AwaitingPayment if self.lacks_face(exam) => Place::Face,
            State::AwaitingPayment if exam.way() == PaymentWay::Free => Place::Information,
            State::AwaitingPayment => Place::Payment,
            State::Returned if self.lacks_face(exam) => Place::Face,
            State::Returned if exam.way() == PaymentWay::Page => Place::Proof,
            _ => Place::Done,
        }
    }

    /// Where the candidate goes on, as an address.
    pub fn next_url(&self, exam: &Exam) -> String {
        format!("/registrations/{}/{}", self.public_ref, self.place(exam).slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 15] = [
        Step::AcceptNotice,
        Step::Face,
        Step::FaceAgain,
        Step::File,
        Step::Information,
        Step::InformationFree,
        Step::Proof,
        Step::Approve,
        Step::Return,
        Step::Change,
        Step::Withdraw,
        Step::Reopen,
        Step::Seat,
        Step::Unseat,
        Step::Release,
    ];

    fn walk(steps: &[Step]) -> Result<State, Error> {
        steps.iter().try_fold(State::Drafting, |state, step| next(state, *step))
    }

    #[test]
    fn the_manuals_way_ends_at_the_ticket() {
        let way = [Step::AcceptNotice, Step::Face, Step::Information, Step::Proof, Step::Approve, Step::Seat, Step::Release];
        assert_eq!(walk(&way).expect("legal"), State::Released);
    }

    /// Every legal step; ARCHITECTURE.md has the same table.
    const LEGAL: [(State, Step, State); 31] = [
        (State::Drafting, Step::AcceptNotice, State::Drafting),
        (State::Drafting, Step::Face, State::Drafting),
        (State::Drafting, Step::File, State::Drafting),
        (State::Drafting, Step::Information, State::AwaitingPayment),
        (State::Drafting, Step::InformationFree, State::Submitted),
        (State::Drafting, Step::Withdraw, State::Withdrawn),
        (State::AwaitingPayment, Step::Face, State::AwaitingPayment),
        (State::AwaitingPayment, Step::File, State::AwaitingPayment),
        (State::AwaitingPayment, Step::Information, State::AwaitingPayment),
        (State::AwaitingPayment, Step::InformationFree, State::Submitted),
        (State::AwaitingPayment, Step::Proof, State::Submitted),
        (State::AwaitingPayment, Step::Withdraw, State::Withdrawn),
        (State::Submitted, Step::Face, State::Submitted),
        (State::Submitted, Step::Approve, State::Approved),
        (State::Submitted, Step::Return, State::Returned),
        (State::Submitted, Step::Change, State::AwaitingPayment),
        (State::Submitted, Step::Withdraw, State::Withdrawn),
        (State::Approved, Step::Face, State::Approved),
        (State::Approved, Step::Return, State::Returned),
        (State::Approved, Step::Change, State::AwaitingPayment),
        (State::Approved, Step::Withdraw, State::Withdrawn),
        (State::Approved, Step::Seat, State::Seated),
        (State::Returned, Step::Face, State::Returned),
        (State::Returned, Step::FaceAgain, State::Submitted),
        (State::Returned, Step::File, State::Returned),
        (State::Returned, Step::Proof, State::Submitted),
        (State::Returned, Step::Change, State::AwaitingPayment),
        (State::Returned, Step::Withdraw, State::Withdrawn),
        (State::Seated, Step::Unseat, State::Approved),
        (State::Seated, Step::Release, State::Released),
        (State::Withdrawn, Step::Reopen, State::Drafting),
    ];

    #[test]
    fn what_is_not_listed_is_refused() {
        for state in State::ALL {
            for step in STEPS {
                let legal = LEGAL.iter().find(|(from, by, _)| (*from, *by) == (state, step)).map(|(.., to)| *to);
                assert_eq!(next(state, step).ok(), legal, "{state:?} {step:?}");
            }
        }
    }
}
