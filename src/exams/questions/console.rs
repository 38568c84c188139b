//! Staff routes: the questions of an exam, each a form of its own, and one for a new one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Typed};
use super::{MAX_QUESTIONS, Question, QuestionKind, store};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::actions::{By, open_for_work};
use crate::exams::{Exam, ExamState};
use crate::staff::{Permission, Staff};
use crate::types::Access;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::routes::Routes;

/// `/console/exams/{ref}/questions`.
pub(in crate::exams) fn routes() -> Routes {
    Routes::new().get("/console/exams/{ref}/questions", Access::exam(Permission::Exams), show).post(
        "/console/exams/{ref}/questions",
        Access::exam(Permission::Exams),
        work,
    )
}

/// A question's form.
struct QuestionForm {
    /// "" for a new one.
    reference: String,
    /// What is stored; "" for a new one.
    label: String,
    summary: String,
    typed: Typed,
    problems: Problems,
}

impl QuestionForm {
    fn of(question: &Question) -> Self {
        let options: Vec<&str> = question.options().collect();
        let options = if options.is_empty() { String::new() } else { format!("：{}", options.join("、")) };
        Self {
            reference: question.public_ref.clone(),
            label: question.label.clone(),
            summary: format!("{}，{}{options}", if question.is_required() { "必填" } else { "选填" }, question.kind().word()),
            typed: Typed {
                kind: question.kind.clone(),
                label: question.label.clone(),
                hint: question.hint.clone(),
                options: question.options.clone(),
                required: question.is_required(),
            },
            problems: Problems::new(),
        }
    }

    fn new_one() -> Self {
        let typed = Typed { kind: QuestionKind::Text.code().into(), required: true, ..Typed::default() };
        Self { reference: String::new(), label: String::new(), summary: String::new(), typed, problems: Problems::new() }
    }

    fn kinds(&self) -> Vec<Choice> {
        Choice::list(&QuestionKind::ALL.map(|kind| (kind.code(), kind.word())), &self.typed.kind)
    }

    /// Tells the forms of a page apart.
    fn id(&self) -> &str {
        if self.reference.is_empty() { "new" } else { &self.reference }
    }
}

#[derive(Template)]
#[template(path = "exams/pages/questions.html")]
struct QuestionsPage {
    page: ConsolePage,
    exam: Exam,
    forms: Vec<QuestionForm>,
    /// `None` where there are as many as there may be.
    new: Option<QuestionForm>,
}

impl QuestionsPage {
    fn base(&self) -> String {
        format!("/console/exams/{}", self.exam.public_ref)
    }

    fn is_published(&self) -> bool {
        self.exam.state() == ExamState::Published
    }
}

async fn page(app: &App, staff: &Staff, client: &Client, reference: &str) -> Result<QuestionsPage> {
    let mut conn = app.db.read().await?;
    let (exam, _) = open_for_work(&mut conn, staff, reference).await?;
    let questions = store::list(&mut conn, exam.id).await?;
    Ok(QuestionsPage {
        page: staff.page(app, client, "exams"),
        exam,
        new: (questions.len() < MAX_QUESTIONS).then(QuestionForm::new_one),
        forms: questions.iter().map(QuestionForm::of).collect(),
    })
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&page(&app, &staff, &client, &reference).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    /// "" for a new one.
    question: String,
    kind: String,
    label: String,
    hint: String,
    options: String,
    required: String,
    /// `save`, `up`, `remove`.
    act: String,
}

async fn work(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let typed = Typed { kind: sent.kind, label: sent.label, hint: sent.hint, options: sent.options, required: sent.required == "yes" };
    let by = By::Staff(&staff);
    let (done, said) = match sent.act.as_str() {
        "up" => (actions::raise(&app, by, &reference, &sent.question).await, "顺序已调整。"),
        "remove" => (actions::remove(&app, by, &reference, &sent.question).await, "问题已删除。"),
        _ => (actions::save(&app, by, &reference, &sent.question, &typed).await, "问题已保存。"),
    };
    match done {
        Ok(()) => Ok(client.go_saying(&format!("/console/exams/{reference}/questions"), said)),
        Err(Error::Invalid(problems)) => {
            let mut page = page(&app, &staff, &client, &reference).await?;
            if let Some(form) = page.forms.iter_mut().chain(page.new.as_mut()).find(|form| form.reference == sent.question) {
                (form.typed, form.problems) = (typed, problems);
            }
            web::html_invalid(&page)
        }
        Err(other) => Err(other),
    }
}
