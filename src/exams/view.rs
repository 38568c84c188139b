//! What pages show of an exam.

use super::{Exam, ExamState, PaymentWay, Phase, Subject, notice_html};
use crate::types::{UnixMs, left_words};

/// An exam and its subjects at a moment. Templates ask it for words.
#[derive(Clone, Debug)]
pub struct ExamView {
    /// The exam.
    pub exam: Exam,
    /// Its subjects, by code.
    pub subjects: Vec<Subject>,
    /// When the page is made.
    pub now: UnixMs,
}

impl ExamView {
    /// What candidates see of it now.
    pub fn phase(&self) -> Phase {
        self.exam.phase(self.now)
    }

    /// Whether candidates see it at all.
    pub fn is_visible(&self) -> bool {
        matches!(self.exam.state(), ExamState::Published | ExamState::Closed)
    }

    /// Whether candidates may begin now.
    pub fn is_open(&self) -> bool {
        self.phase() == Phase::Open
    }

    /// When registration begins.
    pub fn opens(&self) -> String {
        words(self.exam.opens_at)
    }

    /// When registration ends.
    pub fn closes(&self) -> String {
        words(self.exam.closes_at)
    }

    /// Both.
    pub fn window(&self) -> String {
        format!("{} 至 {}", self.opens(), self.closes())
    }

    /// Which graduates may apply.
    pub fn floor_words(&self) -> String {
        format!("已毕业考生须达到“{}”及以上", self.exam.floor().word())
    }

    /// Until when information can be changed.
    pub fn edits_until(&self) -> String {
        words(self.exam.edit_until)
    }

    /// Until when proofs are taken.
    pub fn pays_until(&self) -> String {
        words(self.exam.pay_until)
    }

    /// The time left until registration ends; "" unless it is open.
    pub fn left(&self) -> String {
        if self.is_open() { left_words(self.now, UnixMs(self.exam.closes_at)) } else { String::new() }
    }

    /// `¥80.00`, `¥80.00 至 ¥120.00` where subjects differ, or `免费`.
    pub fn fee(&self) -> String {
        if self.is_free() {
            return "免费".into();
        }
        let fees = || self.subjects.iter().map(|subject| self.exam.fee_of(Some(subject)));
        match (fees().min(), fees().max()) {
            (Some(least), Some(most)) if least != most => format!("{least} 至 {most}"),
            (Some(all), _) => all.to_string(),
            (None, _) => self.exam.fee().to_string(),
        }
    }

    /// What a subject costs, where they do not all cost the same; "" otherwise.
    pub fn fee_beside(&self, subject: &Subject) -> String {
        let fee = self.exam.fee_of(Some(subject));
        let is_same = self.subjects.iter().all(|other| self.exam.fee_of(Some(other)) == fee);
        if is_same { String::new() } else { fee.to_string() }
    }

    /// Whether nothing is to pay.
    pub fn is_free(&self) -> bool {
        self.exam.way() == PaymentWay::Free
    }

    /// Whether the fee is paid on the school's payment page.
    pub fn pays_on_page(&self) -> bool {
        self.exam.way() == PaymentWay::Page
    }

    /// `英语 余 12，日语 已满`; "" where no subject is limited.
    pub fn places(&self) -> String {
        let limited = self.subjects.iter().filter(|s| s.capacity.is_some());
        limited.map(|s| format!("{} {}", s.name, s.places_word())).collect::<Vec<_>>().join("，")
    }

    /// The notice as safe HTML.
    pub fn notice(&self) -> String {
        notice_html(&self.exam.notice)
    }
}

impl Subject {
    /// `2026年6月25日 09:00 至 11:00`; the second date too where it is another day.
    pub fn time_words(&self) -> String {
        if self.starts_at == 0 {
            return words(0);
        }
        let (from, to) = (UnixMs(self.starts_at), UnixMs(self.ends_at));
        let end = if from.date() == to.date() { to.local().strftime("%H:%M").to_string() } else { to.words() };
        format!("{} 至 {end}", from.words())
    }

    /// `余 12`, `已满`, or `名额不限`.
    pub fn places_word(&self) -> String {
        match self.seats_left() {
            None => "名额不限".into(),
            Some(0) => "已满".into(),
            Some(left) => format!("余 {left}"),
        }
    }
}

fn words(at: i64) -> String {
    if at == 0 { "未填写".into() } else { UnixMs(at).words() }
}
