//! Staff routes: the limits of an exam, one form.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Typed};
use super::store;
use crate::accounts::CANDIDATE_TYPES;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::Exam;
use crate::exams::actions::{By, open_for_work};
use crate::rosters;
use crate::staff::{Permission, Staff};
use crate::types::Access;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::routes::Routes;

/// `/console/exams/{ref}/eligibility`.
pub(in crate::exams) fn routes() -> Routes {
    Routes::new().get("/console/exams/{ref}/eligibility", Access::exam(Permission::Exams), show).post(
        "/console/exams/{ref}/eligibility",
        Access::exam(Permission::Exams),
        save,
    )
}

#[derive(Template)]
#[template(path = "exams/pages/eligibility.html")]
struct EligibilityPage {
    page: ConsolePage,
    exam: Exam,
    typed: Typed,
    rosters: Vec<Choice>,
    problems: Problems,
}

impl EligibilityPage {
    fn base(&self) -> String {
        format!("/console/exams/{}", self.exam.public_ref)
    }

    fn types(&self) -> Vec<Choice> {
        let chosen = |word: &str| self.typed.candidate_types.iter().any(|one| one == word);
        CANDIDATE_TYPES
            .into_iter()
            .map(|word| Choice { value: word.into(), word: word.into(), hint: String::new(), chosen: chosen(word) })
            .collect()
    }
}

async fn form(app: &App, staff: &Staff, client: &Client, reference: &str, typed: Option<Typed>) -> Result<EligibilityPage> {
    let mut conn = app.db.read().await?;
    let (exam, _) = open_for_work(&mut conn, staff, reference).await?;
    let limits = store::find(&mut conn, exam.id).await?;
    let all = rosters::store::list(&mut conn).await?;
    let typed = typed.unwrap_or_else(|| Typed {
        roster: all.iter().find(|roster| Some(roster.id) == limits.roster).map(|roster| roster.public_ref.clone()).unwrap_or_default(),
        candidate_types: limits.candidate_types().map(str::to_owned).collect(),
        majors: limits.majors.clone(),
        born_from: limits.born_from.clone(),
        born_until: limits.born_until.clone(),
    });
    let words: Vec<(&str, &str)> = all.iter().map(|roster| (roster.public_ref.as_str(), roster.name.as_str())).collect();
    let rosters = Choice::list(&words, &typed.roster);
    Ok(EligibilityPage { page: staff.page(app, client, "exams"), exam, typed, rosters, problems: Problems::new() })
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&form(&app, &staff, &client, &reference, None).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    roster: String,
    candidate_type: Vec<String>,
    majors: String,
    born_from: String,
    born_until: String,
}

async fn save(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let typed = Typed {
        roster: sent.roster,
        candidate_types: sent.candidate_type,
        majors: sent.majors,
        born_from: sent.born_from,
        born_until: sent.born_until,
    };
    match actions::set(&app, By::Staff(&staff), &reference, &typed).await {
        Ok(()) => Ok(client.go_saying(&format!("/console/exams/{reference}"), "报名范围已保存。")),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&EligibilityPage { problems, ..form(&app, &staff, &client, &reference, Some(typed)).await? })
        }
        Err(other) => Err(other),
    }
}
