//! The steps 1 须知 and 3 信息, and the end. A step that is done can be looked at again; a step that is not yet open leads to the one that is.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::questions::{self, Question, QuestionKind};
use crate::exams::view::ExamView;
use crate::exams::{self, Exam, Grade, notice_html};
use crate::registrations::actions::candidate as actions;
use crate::registrations::actions::candidate::{ANSWER_FIELDS, Information, NOTICE_MIN_MS};
use crate::registrations::actions::{document_ends, files};
use crate::registrations::store::answers;
use crate::registrations::{Place, Registration, State, StudyStatus};
use crate::types::UnixMs;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, Page};
use crate::web::{self};

pub(super) async fn next(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (row, exam) = actions::own(&mut *app.db.read().await?, &candidate, &reference).await?;
    Ok(client.go(&row.next_url(&exam)))
}

#[derive(Template)]
#[template(path = "registrations/pages/notice.html")]
struct NoticePage {
    page: Page,
    base: String,
    exam: Exam,
    /// The furthest step that is open, for the bar.
    reached: &'static str,
    notice: String,
    version: i64,
    /// When this version was accepted; "" while it still has to be.
    accepted: String,
    seconds: i64,
    problem: String,
}

impl NoticePage {
    fn next_url(&self) -> String {
        format!("{}/next", self.base)
    }
}

async fn notice_page(app: &App, candidate: &Candidate, client: &Client, reference: &str) -> Result<NoticePage> {
    let mut conn = app.db.read().await?;
    let (row, exam) = actions::own(&mut conn, candidate, reference).await?;
    let is_to_accept = row.place(&exam) == Place::Notice;
    // What was accepted is shown as it was accepted.
    let (version, markdown) = match row.notice_version.filter(|_| !is_to_accept) {
        Some(version) if version != exam.notice_version => (version, exams::store::notice(&mut conn, exam.id, version).await?),
        _ => (exam.notice_version, exam.notice.clone()),
    };
    let accepted = if is_to_accept { String::new() } else { row.notice_accepted_at.map(|at| UnixMs(at).words()).unwrap_or_default() };
    Ok(NoticePage {
        page: candidate.page(app, client),
        base: base(&row),
        reached: row.place(&exam).slug(),
        notice: notice_html(&markdown),
        version,
        accepted,
        seconds: NOTICE_MIN_MS / 1000,
        problem: String::new(),
        exam,
    })
}

pub(super) async fn notice(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (row, _) = actions::own(&mut *app.db.read().await?, &candidate, &reference).await?;
    if row.state() == State::Withdrawn {
        return Ok(client.go(&base(&row)));
    }
    actions::notice_shown(&app, &candidate, &reference).await?;
    web::html(&notice_page(&app, &candidate, &client, &reference).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AcceptForm {
    version: i64,
}

pub(super) async fn accept(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<AcceptForm>,
) -> Result<Response> {
    match actions::accept_notice(&app, &candidate, &reference, form.version).await {
        Ok(row) => {
            let exam = exams::store::find(&mut *app.db.read().await?, row.exam).await?;
            Ok(client.go(&row.next_url(&exam)))
        }
        // The page stays, with the sentence; a new version of the notice counts from now.
        Err(Error::Refused { code, message }) if code.starts_with("notice_") && !client.wants_json => {
            actions::notice_shown(&app, &candidate, &reference).await?;
            let page = NoticePage { problem: message.into(), ..notice_page(&app, &candidate, &client, &reference).await? };
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "registrations/pages/information.html")]
struct InformationPage {
    page: Page,
    base: String,
    view: ExamView,
    /// The furthest step that is open, for the bar.
    reached: &'static str,
    who: Who,
    questions: Vec<Question>,
    /// How many pictures were uploaded.
    files: usize,
    /// Whether the exam asks for any.
    asks_files: bool,
    /// When the document ends, where that is before the exam; else "".
    document_ends: String,
    typed: Information,
    /// Handed in: shown, not changed here.
    is_closed: bool,
    /// Whether an earlier payment may exist.
    was_submitted: bool,
    problems: Problems,
}

/// What the candidate checks.
struct Who {
    name: String,
    document_word: &'static str,
    number: String,
    phone: String,
    candidate_type: String,
    major: String,
}

impl Who {
    fn of(app: &App, candidate: &Candidate) -> Result<Self> {
        let account = &candidate.account;
        let or_none = |text: &str| if text.is_empty() { "未填写".to_owned() } else { text.to_owned() };
        Ok(Self {
            name: account.name.clone(),
            document_word: account.kind().word(),
            number: account.document(&app.keys)?.grouped(),
            phone: account.phone(&app.keys)?.as_str().to_owned(),
            candidate_type: or_none(&account.candidate_type),
            major: or_none(&account.major),
        })
    }
}

impl InformationPage {
    fn subjects(&self) -> Vec<Choice> {
        let choice = |s: &exams::Subject| Choice {
            value: s.code.clone(),
            word: s.name.clone(),
            hint: [s.time_words(), self.view.fee_beside(s), s.places_word()]
                .into_iter()
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join("，"),
            chosen: s.code == self.typed.subject,
        };
        self.view.subjects.iter().map(choice).collect()
    }

    fn statuses(&self) -> Vec<Choice> {
        Choice::list(&StudyStatus::ALL.map(|s| (s.code(), s.word())), &self.typed.study_status)
    }

    fn grades(&self) -> Vec<Choice> {
        Choice::list(&Grade::ALL.map(|g| (g.code(), g.word())), &self.typed.thesis_grade)
    }

    fn grade_hint(&self) -> String {
        format!("已毕业的考生必填，达到“{}”及以上才可以申请。", self.view.exam.floor().word())
    }

    fn options(&self, question: &Question) -> Vec<Choice> {
        let pairs: Vec<(&str, &str)> = question.options().map(|option| (option, option)).collect();
        Choice::list(&pairs, self.typed.answer(question))
    }

    /// What is wrong with the answer to the so-manieth question.
    fn problem(&self, index: &usize) -> &str {
        ANSWER_FIELDS.get(*index).map_or("", |field| self.problems.of(field))
    }

    fn chosen_subject(&self) -> &str {
        self.view.subjects.iter().find(|s| s.code == self.typed.subject).map_or("", |s| s.name.as_str())
    }

    fn chosen_status(&self) -> &'static str {
        StudyStatus::parse(&self.typed.study_status).map_or("", StudyStatus::word)
    }

    fn chosen_grade(&self) -> &'static str {
        Grade::parse(&self.typed.thesis_grade).map_or("", Grade::word)
    }
}

/// The page, or where to go instead while an earlier step is open.
async fn information_page(app: &App, candidate: &Candidate, client: &Client, reference: &str) -> Result<Result<InformationPage, String>> {
    let mut conn = app.db.read().await?;
    let (row, exam) = actions::own(&mut conn, candidate, reference).await?;
    if row.state() == State::Withdrawn {
        return Ok(Err(base(&row)));
    }
    let place = row.place(&exam);
    if place < Place::Information && row.info_at.is_none() {
        return Ok(Err(row.next_url(&exam)));
    }
    let subjects = exams::store::subjects(&mut conn, exam.id).await?;
    let questions = questions::store::list(&mut conn, exam.id).await?;
    let given = answers::of(&mut conn, row.id).await?;
    let files = files::asked(&mut conn, &row).await?;
    let is_closed = !matches!(row.state(), State::Drafting | State::AwaitingPayment);
    // After the end there is nothing to upload: the page says so.
    if !is_closed && files::are_missing(&files) && files::require_open(app, &row, &exam).is_ok() {
        return Ok(Err(format!("{}/files", base(&row))));
    }
    let subject = match row.subject {
        Some(id) => subjects.iter().find(|s| s.id == id),
        // With one subject there is nothing to choose.
        None => subjects.first().filter(|_| subjects.len() == 1),
    };
    let document_ends = document_ends(app, &mut conn, &candidate.account, &subjects, row.subject).await?;
    let typed = Information {
        subject: subject.map(|s| s.code.clone()).unwrap_or_default(),
        study_status: row.study_status.clone(),
        thesis_grade: row.thesis_grade.clone(),
        answers: questions
            .iter()
            .filter_map(|question| Some((question.field(), given.iter().find(|answer| answer.question == question.id)?.value.clone())))
            .collect(),
    };
    Ok(Ok(InformationPage {
        page: candidate.page(app, client),
        base: base(&row),
        reached: row.place(&exam).slug(),
        who: Who::of(app, candidate)?,
        questions,
        document_ends,
        typed,
        files: files.iter().filter(|(_, is_given)| *is_given).count(),
        asks_files: !files.is_empty(),
        is_closed,
        was_submitted: row.submitted_at.is_some(),
        problems: Problems::new(),
        view: ExamView { exam, subjects, now: app.clock.now() },
    }))
}

pub(super) async fn information(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    match information_page(&app, &candidate, &client, &reference).await? {
        Ok(page) => web::html(&page),
        Err(elsewhere) => Ok(client.go(&elsewhere)),
    }
}

pub(super) async fn save_information(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let (subject, study_status, thesis_grade) = (field("subject"), field("study_status"), field("thesis_grade"));
    let typed = Information { subject, study_status, thesis_grade, answers: form };
    match actions::set_information(&app, &candidate, &reference, &typed).await {
        Ok(row) => {
            let exam = exams::store::find(&mut *app.db.read().await?, row.exam).await?;
            Ok(client.go(&row.next_url(&exam)))
        }
        Err(Error::Invalid(problems)) => match information_page(&app, &candidate, &client, &reference).await? {
            Ok(page) => web::html_invalid(&InformationPage { typed, problems, ..page }),
            Err(elsewhere) => Ok(client.go(&elsewhere)),
        },
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "registrations/pages/done.html")]
struct DonePage {
    page: Page,
    row: Registration,
    exam: Exam,
    subject: String,
    who: Who,
}

impl DonePage {
    fn href(&self) -> String {
        base(&self.row)
    }

    fn kind(&self) -> &'static str {
        if self.row.state() == State::Returned { "warn" } else { "success" }
    }

    fn title(&self) -> &'static str {
        match self.row.state() {
            State::Submitted => "报名已提交",
            State::Returned => "报名被退回",
            State::Approved => "报名已通过审核",
            State::Seated => "考场已编排",
            _ => "准考证已发布",
        }
    }

    fn next(&self) -> String {
        match self.row.state() {
            State::Submitted => "学校审核后会通过消息通知您，您可以随时在“我的报名”中查看进度。".into(),
            State::Returned => format!("原因：{} 请修改报考信息后重新提交。", self.row.reason),
            State::Approved => "请等待学校编排考场，准考证发布后会通知您。".into(),
            State::Seated => "准考证发布后会通知您。".into(),
            _ => "请在“我的报名”中下载准考证。".into(),
        }
    }
}

pub(super) async fn done(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (row, exam) = actions::own(&mut conn, &candidate, &reference).await?;
    if row.state() == State::Withdrawn {
        return Ok(client.go(&base(&row)));
    }
    if row.place(&exam) != Place::Done {
        return Ok(client.go(&row.next_url(&exam)));
    }
    let subject = match row.subject {
        Some(id) => exams::store::subject(&mut conn, id).await?.name,
        None => String::new(),
    };
    drop(conn);
    let who = Who::of(&app, &candidate)?;
    web::html(&DonePage { page: candidate.page(&app, &client), row, exam, subject, who })
}

pub(super) fn base(row: &Registration) -> String {
    format!("/registrations/{}", row.public_ref)
}
