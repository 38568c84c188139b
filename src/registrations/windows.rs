//! Which of an exam's windows binds what a candidate does next: the actions ask here, and the pages say the same.

use super::{Place, Registration, State};
use crate::error::Result;
use crate::exams::Exam;
use crate::types::UnixMs;

impl Registration {
    /// Whether face and information may be given now: what was submitted once has the window for changes.
    pub fn may_fill_in(&self, exam: &Exam, now: UnixMs) -> Result<()> {
        if self.submitted_at.is_some() { exam.require_editable(now) } else { exam.require_open(now) }
    }

    /// Whether a proof may be handed in now. Proofs come until the payment's end; what was handed in before it may be mended as long as changes are
    /// allowed: who paid in time loses nothing because a screenshot was unclear.
    pub fn may_hand_in(&self, exam: &Exam, now: UnixMs) -> Result<()> {
        let payable = exam.require_payable(now);
        if payable.is_err() && self.submitted_at.is_some() && exam.require_editable(now).is_ok() {
            return Ok(());
        }
        payable
    }

    /// Whether the candidate may still do what comes next; where nothing does, there is nothing to refuse.
    pub fn may_go_on(&self, exam: &Exam, now: UnixMs) -> Result<()> {
        match self.place(exam) {
            Place::Notice => exam.require_open(now),
            Place::Face | Place::Information => self.may_fill_in(exam, now),
            Place::Payment | Place::Proof => self.may_hand_in(exam, now),
            // Sent back, without a proof to mend: what was stated can be changed.
            Place::Done if self.state() == State::Returned => exam.require_editable(now),
            Place::Done => Ok(()),
        }
    }

    /// Whether the candidate could do something about it, were it sent back now; `face`: for its face.
    pub fn may_be_mended(&self, exam: &Exam, now: UnixMs, face: bool) -> bool {
        let mut returned = self.clone();
        if matches!(self.state(), State::Submitted | State::Approved) {
            returned.state = State::Returned.code().into();
        }
        if face {
            returned.face_state = "none".into();
        }
        returned.may_go_on(exam, now).is_ok()
    }
}
