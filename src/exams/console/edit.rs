//! The exam's form. Rows of subjects are added and removed, and the notice is previewed, by submit buttons: nothing needs a script, and everything typed stays.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::address;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::actions::{self, By};
use crate::exams::changes::Meaning;
use crate::exams::form::MAX_SUBJECTS;
use crate::exams::{Checks, ExamForm, ExamState, Grade, PaymentWay, SubjectForm, notice_html};
use crate::staff::{Permission, Staff};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::{self};

/// What the browser sends: the rows of subjects as parallel lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    title: String,
    notice: String,
    opens_at: String,
    closes_at: String,
    edit_until: String,
    pay_until: String,
    fee_name: String,
    fee: String,
    payment_way: String,
    payment_url: String,
    payee: String,
    thesis_floor: String,
    checks: String,
    ticket_rules: String,
    ticket_prefix: String,
    subject_id: Vec<String>,
    subject_code: Vec<String>,
    subject_name: Vec<String>,
    subject_starts_at: Vec<String>,
    subject_ends_at: Vec<String>,
    subject_capacity: Vec<String>,
    subject_fee: Vec<String>,
    /// The exam's `updated_at` when the form was opened.
    seen: i64,
    /// What the change means for those who are registered, as it was shown.
    agreed: String,
    /// Which button: `save`, `preview`, `add`, or `remove-` and the row's number from 0.
    act: String,
}

impl Sent {
    fn typed(self) -> (ExamForm, i64, String, String) {
        let at = |list: &[String], row: usize| list.get(row).cloned().unwrap_or_default();
        let subjects = (0..self.subject_code.len().min(MAX_SUBJECTS + 1))
            .map(|row| SubjectForm {
                id: at(&self.subject_id, row),
                code: at(&self.subject_code, row),
                name: at(&self.subject_name, row),
                starts_at: at(&self.subject_starts_at, row),
                ends_at: at(&self.subject_ends_at, row),
                capacity: at(&self.subject_capacity, row),
                fee: at(&self.subject_fee, row),
            })
            .collect();
        let form = ExamForm {
            title: self.title,
            notice: self.notice,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            edit_until: self.edit_until,
            pay_until: self.pay_until,
            fee_name: self.fee_name,
            fee: self.fee,
            payment_way: self.payment_way,
            payment_url: self.payment_url,
            payee: self.payee,
            thesis_floor: self.thesis_floor,
            checks: self.checks,
            ticket_rules: self.ticket_rules,
            ticket_prefix: self.ticket_prefix,
            subjects,
        };
        (form, self.seen, self.agreed, self.act)
    }
}

#[derive(Template)]
#[template(path = "exams/pages/edit.html")]
struct EditPage {
    page: ConsolePage,
    /// "" for a new exam.
    reference: String,
    is_published: bool,
    form: ExamForm,
    seen: i64,
    /// The notice's preview, asked for with its button.
    preview: Option<String>,
    problems: Problems,
    /// Somebody else saved meanwhile: what they saved is looked at before this is saved over it.
    is_overtaken: bool,
    /// What the change means for those who are registered; asked before it is saved.
    meaning: Meaning,
}

impl EditPage {
    fn action(&self) -> String {
        if self.reference.is_empty() { "/console/exams/new".into() } else { format!("{}/edit", address(&self.reference)) }
    }

    fn back(&self) -> String {
        if self.reference.is_empty() { "/console/exams".into() } else { address(&self.reference) }
    }

    fn ways(&self) -> Vec<Choice> {
        Choice::list(&PaymentWay::ALL.map(|way| (way.code(), way.word())), &self.form.payment_way)
    }

    fn floors(&self) -> Vec<Choice> {
        Choice::list(&Grade::ALL.map(|grade| (grade.code(), grade.word())), &self.form.thesis_floor)
    }

    fn checks(&self) -> Vec<Choice> {
        let choice = |checks: Checks| Choice {
            value: checks.code().into(),
            word: checks.word().into(),
            hint: checks.hint().into(),
            chosen: checks.code() == self.form.checks,
        };
        Checks::ALL.map(choice).into()
    }

    fn subject_problems(&self) -> Vec<&str> {
        self.problems.iter().filter(|(field, _)| *field == "subjects").map(|(_, sentence)| sentence).collect()
    }

    /// What is missing for a published exam to stay published.
    fn publish_problems(&self) -> Vec<&str> {
        self.problems.iter().filter(|(field, _)| *field == "publish").map(|(_, sentence)| sentence).collect()
    }

    fn can_add(&self) -> bool {
        self.form.subjects.len() < MAX_SUBJECTS
    }
}

pub(super) async fn new(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Exams)?;
    let settings = app.settings();
    let (mut form, ours) = (ExamForm::default(), &settings.service);
    for (field, default) in
        [(&mut form.fee_name, &ours.fee_name), (&mut form.payment_url, &ours.payment_url), (&mut form.payee, &ours.payee)]
    {
        if !default.is_empty() {
            field.clone_from(default);
        }
    }
    web::html(&page(&app, &staff, &client, String::new(), form, 0))
}

pub(super) async fn create(State(app): State<App>, staff: Staff, client: Client, Form(sent): Form<Sent>) -> Result<Response> {
    staff.require(Permission::Exams)?;
    let (form, seen, _, act) = sent.typed();
    let mut page = page(&app, &staff, &client, String::new(), form, seen);
    if act != "save" {
        rework(&mut page, &act);
        return web::html(&page);
    }
    match actions::create(&app, By::Staff(&staff), &page.form).await {
        Ok(reference) => Ok(client.go_saying(&address(&reference), "草稿已保存，考生还看不到。检查无误后请发布。")),
        Err(Error::Invalid(problems)) => web::html_invalid(&EditPage { problems, ..page }),
        Err(other) => Err(other),
    }
}

pub(super) async fn open(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let (exam, subjects) = actions::open_for_work(&mut *app.db.read().await?, &staff, &reference).await?;
    let page = page(&app, &staff, &client, reference, ExamForm::of(&exam, &subjects), exam.updated_at);
    web::html(&EditPage { is_published: exam.state() == ExamState::Published, ..page })
}

pub(super) async fn save(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let (exam, _) = actions::open_for_work(&mut *app.db.read().await?, &staff, &reference).await?;
    let (form, seen, agreed, act) = sent.typed();
    let mut page = page(&app, &staff, &client, reference, form, seen);
    page.is_published = exam.state() == ExamState::Published;
    if act != "save" {
        rework(&mut page, &act);
        return web::html(&page);
    }
    match actions::save(&app, By::Staff(&staff), &page.reference, seen, &page.form, &agreed).await {
        Ok(None) => Ok(client.go_saying(&address(&page.reference), "已保存。")),
        Ok(Some(meaning)) => web::html(&EditPage { meaning, ..page }),
        Err(Error::Invalid(problems)) => web::html_invalid(&EditPage { problems, ..page }),
        // What was typed stays; the next 保存 is of somebody who knows.
        Err(Error::Refused { code: "changed_meanwhile", .. }) => {
            let (exam, _) = actions::open(&mut *app.db.read().await?, &staff, &page.reference).await?;
            let page = EditPage { seen: exam.updated_at, is_overtaken: true, ..page };
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(other) => Err(other),
    }
}

fn page(app: &App, staff: &Staff, client: &Client, reference: String, form: ExamForm, seen: i64) -> EditPage {
    let page = staff.page(app, client, "exams");
    EditPage {
        page,
        reference,
        is_published: false,
        form,
        seen,
        preview: None,
        problems: Problems::new(),
        is_overtaken: false,
        meaning: Meaning::default(),
    }
}

/// The buttons that change the form itself and save nothing.
fn rework(page: &mut EditPage, act: &str) {
    let rows = &mut page.form.subjects;
    if act == "add" && rows.len() < MAX_SUBJECTS {
        rows.push(SubjectForm::default());
    } else if let Some(row) = act.strip_prefix("remove-").and_then(|row| row.parse::<usize>().ok()).filter(|row| *row < rows.len()) {
        rows.remove(row);
    } else if act == "preview" {
        page.preview = Some(notice_html(&page.form.notice));
    }
}
