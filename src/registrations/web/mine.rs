//! 我的报名: the list, one registration with its history, changing it, withdrawing it. What is possible follows from the state machine and the exam's windows; what is
//! not possible says why.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::Response;

use super::steps::base;
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::Result;
use crate::exams::{self, Exam, Grade, PaymentWay, Subject};
use crate::registrations::actions::candidate as actions;
use crate::registrations::actions::{document_ends, files};
use crate::registrations::history::{self, Event};
use crate::registrations::store::answers::Answer;
use crate::registrations::{Place, Registration, State, Step, StudyStatus, next, store};
use crate::types::UnixMs;
use crate::web::client::Client;
use crate::web::layout::Page;
use crate::web::{self};

struct Line {
    row: Registration,
    title: String,
}

impl Line {
    fn href(&self) -> String {
        base(&self.row)
    }

    fn started(&self) -> String {
        UnixMs(self.row.created_at).day_words()
    }
}

#[derive(Template)]
#[template(path = "registrations/pages/list.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
}

pub(super) async fn list(Shared(app): Shared<App>, candidate: Candidate, client: Client) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let mut lines = Vec::new();
    for row in store::of_account(&mut conn, candidate.id()).await? {
        let title = exams::store::find(&mut conn, row.exam).await?.title;
        lines.push(Line { row, title });
    }
    drop(conn);
    web::html(&ListPage { page: candidate.page(&app, &client), lines })
}

/// One registration with what belongs to it.
struct Whole {
    row: Registration,
    exam: Exam,
    subject: Option<Subject>,
    /// What is to pay.
    fee: String,
    /// The exam's own questions with the answers.
    answers: Vec<Answer>,
    /// Whether pictures are asked for, and can be given now.
    asks_files: bool,
    /// When the document ends, where that is before the exam; else "".
    document_ends: String,
    now: UnixMs,
}

impl Whole {
    async fn own(app: &App, candidate: &Candidate, reference: &str) -> Result<(Self, Vec<Event>)> {
        let mut conn = app.db.read().await?;
        let (row, exam) = actions::own(&mut conn, candidate, reference).await?;
        let subject = match row.subject {
            Some(id) => Some(exams::store::subject(&mut conn, id).await?),
            None => None,
        };
        let answers = store::answers::of(&mut conn, row.id).await?;
        let subjects = exams::store::subjects(&mut conn, exam.id).await?;
        let document_ends = document_ends(app, &mut conn, &candidate.account, &subjects, row.subject).await?;
        let fee = row.fee_words(&exam, &subjects);
        // That one of two has agreed is the school's own affair.
        let mut lines = store::history(&mut conn, row.id).await?;
        lines.retain(|line| line.step != "first");
        let events = history::events(&lines, Event::for_candidate);
        let asks_files = !files::asked(&mut conn, &row).await?.is_empty() && files::require_open(app, &row, &exam).is_ok();
        Ok((Self { row, exam, subject, fee, answers, asks_files, document_ends, now: app.clock.now() }, events))
    }

    /// Where signing up goes on, while it is not handed in or was sent back.
    fn goes_on(&self) -> Option<String> {
        self.row.may_go_on(&self.exam, self.now).ok()?;
        match (self.row.place(&self.exam), self.row.state(), self.exam.way()) {
            // Without a screenshot to mend: what is paid at the school is handed in as it is, what is free through its information.
            (Place::Done, State::Returned, PaymentWay::Offline) => Some(format!("{}/payment", self.base())),
            (Place::Done, State::Returned, _) => Some(self.change_url()),
            (Place::Done, ..) => None,
            _ => Some(format!("{}/next", self.base())),
        }
    }

    /// Whether it can be handed in again without a change, where a change may be what was asked for.
    fn offers_both(&self) -> bool {
        self.row.state() == State::Returned
            && self.exam.way() == PaymentWay::Offline
            && self.can_change()
            && !self.row.lacks_face(&self.exam)
    }

    /// Whether the face step can be done now, whatever else is: a code from the school is entered there.
    fn can_show_face(&self) -> bool {
        self.exam.checks().face()
            && !self.row.face_passed()
            && self.row.place(&self.exam) != Place::Notice
            && next(self.row.state(), Step::Face).is_ok()
            && self.row.may_fill_in(&self.exam, self.now).is_ok()
    }

    fn face_words(&self) -> &'static str {
        if self.row.face_waits() { "等待审核" } else { "未完成" }
    }

    /// The word for going on.
    fn goes_on_word(&self) -> &'static str {
        if self.row.state() == State::Returned { "重新提交" } else { "继续报名" }
    }

    /// Why it does not go on any more, while the candidate may expect it to.
    fn stopped(&self) -> String {
        self.row.may_go_on(&self.exam, self.now).err().map(|error| error.sentence().into_owned()).unwrap_or_default()
    }

    /// The words for a change that is not possible now; "" where it is; `None` where there is nothing to change yet.
    fn change(&self) -> Option<String> {
        match self.row.state() {
            State::Drafting | State::Withdrawn => None,
            State::AwaitingPayment if self.row.submitted_at.is_none() => None,
            _ => Some(actions::may_change(&self.row, &self.exam, self.now).err().map(|e| e.sentence().into_owned()).unwrap_or_default()),
        }
    }

    fn can_change(&self) -> bool {
        self.change().is_some_and(|why| why.is_empty())
    }

    /// Likewise for withdrawing.
    fn withdraw(&self) -> Option<String> {
        if self.row.state() == State::Withdrawn {
            return None;
        }
        Some(actions::may_withdraw(&self.row, &self.exam, self.now).err().map(|e| e.sentence().into_owned()).unwrap_or_default())
    }

    fn can_withdraw(&self) -> bool {
        self.withdraw().is_some_and(|why| why.is_empty())
    }

    /// Why something is not possible, each sentence once.
    fn refusals(&self) -> Vec<String> {
        let mut sentences: Vec<String> = [self.change(), self.withdraw()].into_iter().flatten().filter(|why| !why.is_empty()).collect();
        sentences.dedup();
        sentences
    }

    /// The ticket's address; "" while it is not released; `None` where none is to be expected.
    fn ticket(&self) -> Option<String> {
        match self.row.state() {
            State::Released => Some(format!("{}/ticket.pdf", base(&self.row))),
            State::Approved | State::Seated => Some(String::new()),
            _ => None,
        }
    }

    fn can_begin_again(&self) -> bool {
        self.row.state() == State::Withdrawn && self.exam.require_open(self.now).is_ok()
    }

    /// Whether money may have been paid on the school's page.
    fn may_have_paid(&self) -> bool {
        self.exam.way() != PaymentWay::Free && (self.row.submitted_at.is_some() || self.row.proof.is_some())
    }

    fn edit_until(&self) -> String {
        UnixMs(self.exam.edit_until).words()
    }

    fn edit_until_words(&self) -> String {
        format!("{} 前", self.edit_until())
    }

    fn closes(&self) -> String {
        UnixMs(self.exam.closes_at).words()
    }

    fn status_words(&self) -> String {
        let status = StudyStatus::parse(&self.row.study_status).map_or("", StudyStatus::word);
        match Grade::parse(&self.row.thesis_grade) {
            Some(grade) => format!("{status}，论文等级 {}", grade.word()),
            None => status.to_owned(),
        }
    }

    fn submitted(&self) -> String {
        self.row.submitted_at.map(|at| UnixMs(at).words()).unwrap_or_default()
    }

    fn base(&self) -> String {
        base(&self.row)
    }

    fn change_url(&self) -> String {
        format!("{}/change", self.base())
    }

    fn withdraw_url(&self) -> String {
        format!("{}/withdraw", self.base())
    }
}

#[derive(Template)]
#[template(path = "registrations/pages/detail.html")]
struct DetailPage {
    page: Page,
    of: Whole,
    events: Vec<Event>,
}

pub(super) async fn detail(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (of, events) = Whole::own(&app, &candidate, &reference).await?;
    web::html(&DetailPage { page: candidate.page(&app, &client), of, events })
}

#[derive(Template)]
#[template(path = "registrations/pages/change.html")]
struct ChangePage {
    page: Page,
    of: Whole,
}

pub(super) async fn confirm_change(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (of, _) = Whole::own(&app, &candidate, &reference).await?;
    actions::may_change(&of.row, &of.exam, of.now)?;
    if of.row.state() == State::AwaitingPayment {
        return Ok(client.go(&format!("{}/information", of.base())));
    }
    web::html(&ChangePage { page: candidate.page(&app, &client), of })
}

pub(super) async fn change(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    actions::begin_change(&app, &candidate, &reference).await?;
    Ok(client.go(&format!("/registrations/{reference}/information")))
}

#[derive(Template)]
#[template(path = "registrations/pages/withdraw.html")]
struct WithdrawPage {
    page: Page,
    of: Whole,
}

pub(super) async fn confirm_withdraw(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (of, _) = Whole::own(&app, &candidate, &reference).await?;
    actions::may_withdraw(&of.row, &of.exam, of.now)?;
    web::html(&WithdrawPage { page: candidate.page(&app, &client), of })
}

pub(super) async fn withdraw(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    actions::withdraw(&app, &candidate, &reference).await?;
    Ok(client.go_saying(&format!("/registrations/{reference}"), "报名已撤回。"))
}
