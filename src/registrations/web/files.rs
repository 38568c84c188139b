//! The pictures that an exam asks for: a form for each, so that one that fails keeps the others.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::Response;

use super::steps::base;
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::Exam;
use crate::exams::questions::Question;
use crate::registrations::actions::candidate as actions;
use crate::registrations::actions::files;
use crate::registrations::{Place, State};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Uploads;
use crate::web::layout::Page;

#[derive(Template)]
#[template(path = "registrations/pages/files.html")]
struct FilesPage {
    page: Page,
    base: String,
    /// Where it goes on.
    next: &'static str,
    exam: Exam,
    /// The furthest step that is open, for the bar.
    reached: &'static str,
    asked: Vec<(Question, bool)>,
    /// Which one could not be kept, and why.
    wrong: (String, Problems),
}

impl FilesPage {
    fn problem(&self, question: &Question) -> &str {
        if self.wrong.0 == question.public_ref { self.wrong.1.of("picture") } else { "" }
    }

    fn current(&self, question: &Question, is_given: &bool) -> String {
        if *is_given { format!("{}/files/{}", self.base, question.public_ref) } else { String::new() }
    }

    fn are_missing(&self) -> bool {
        files::are_missing(&self.asked)
    }

    fn next_url(&self) -> String {
        format!("{}/{}", self.base, self.next)
    }
}

/// The page, or where to go instead while it is not its turn.
async fn files_page(
    app: &App,
    candidate: &Candidate,
    client: &Client,
    reference: &str,
    wrong: (String, Problems),
) -> Result<Result<FilesPage, String>> {
    let mut conn = app.db.read().await?;
    let (row, exam) = actions::own(&mut conn, candidate, reference).await?;
    if files::require_open(app, &row, &exam).is_err() {
        let is_early = row.place(&exam) < Place::Information;
        return Ok(Err(if is_early { row.next_url(&exam) } else { base(&row) }));
    }
    let asked = files::asked(&mut conn, &row).await?;
    if asked.is_empty() {
        return Ok(Err(format!("{}/information", base(&row))));
    }
    let reached = row.place(&exam).slug();
    let next = if row.state() == State::Returned { "next" } else { "information" };
    Ok(Ok(FilesPage { page: candidate.page(app, client), base: base(&row), next, reached, exam, asked, wrong }))
}

pub(super) async fn files(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    match files_page(&app, &candidate, &client, &reference, Default::default()).await? {
        Ok(page) => web::html(&page),
        Err(elsewhere) => Ok(client.go(&elsewhere)),
    }
}

pub(super) async fn attach(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, question)): Path<(String, String)>,
    mut uploads: Uploads,
) -> Result<Response> {
    let home = format!("/registrations/{reference}/files");
    match files::attach(&app, &candidate, &reference, &question, uploads.take(&format!("q-{question}"))).await {
        Ok(()) => Ok(client.go(&home)),
        Err(Error::Invalid(problems)) => match files_page(&app, &candidate, &client, &reference, (question, problems)).await? {
            Ok(page) => web::html_invalid(&page),
            Err(elsewhere) => Ok(client.go(&elsewhere)),
        },
        Err(other) => Err(other),
    }
}

pub(super) async fn detach(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, question)): Path<(String, String)>,
) -> Result<Response> {
    files::detach(&app, &candidate, &reference, &question).await?;
    Ok(client.go_saying(&format!("/registrations/{reference}/files"), "图片已删除。"))
}

pub(super) async fn picture(
    Shared(app): Shared<App>,
    candidate: Candidate,
    Path((reference, question)): Path<(String, String)>,
) -> Result<Response> {
    let (picture, bytes) = files::picture(&app, &candidate, &reference, &question).await?;
    Ok(web::picture(bytes, &picture.mime, "报名附件", true))
}
