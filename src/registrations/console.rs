//! Staff routes: the registrations of an exam, the search, one registration with everything about it.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use futures_util::stream;
use serde::Deserialize;

use super::State;
use super::actions::console::{self as actions, Asked, Everything, Listed, Row};
use super::actions::export;
use crate::app::App;
use crate::error::Result;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::tables::{self, Format};
use crate::web::{self};

const SECTION: &str = "registrations";

/// `/console/registrations…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/registrations", Access::somewhere(Permission::Candidates), list)
        .post("/console/registrations/search", Access::somewhere(Permission::Candidates), search)
        .get("/console/registrations/export/{format}", Access::somewhere(Permission::Candidates), export)
        .get("/console/registrations/{ref}", Access::exam(Permission::Candidates), show)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    /// Public reference of an exam.
    exam: String,
    /// Code of a state.
    state: String,
    /// Code of a subject.
    subject: String,
    /// First day, `2026-06-25`.
    from: String,
    /// Last day.
    to: String,
    /// The number of the registration after which the page begins.
    after: String,
}

#[derive(Template)]
#[template(path = "registrations/pages/console_list.html")]
struct ListPage {
    page: ConsolePage,
    listed: Listed,
    state: Option<State>,
    query: Query,
    /// Whether a message to all of a state can be written: it goes to a whole exam's.
    may_write: bool,
}

impl ListPage {
    fn exam_ref(&self) -> &str {
        self.listed.exam.as_ref().map_or("", |exam| exam.public_ref.as_str())
    }

    fn total_words(&self) -> String {
        super::total_words(&self.listed.counts)
    }

    fn is_empty(&self) -> bool {
        self.listed.counts.iter().all(|(_, count)| *count == 0)
    }

    /// What stays when the state changes, as the end of an address.
    fn rest(&self) -> String {
        let Query { subject, from, to, .. } = &self.query;
        [("subject", subject), ("from", from), ("to", to)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("&{name}={value}"))
            .collect()
    }

    fn is_narrowed(&self) -> bool {
        self.state.is_some() || !self.rest().is_empty()
    }

    fn is_shown(&self, state: &State) -> bool {
        self.state == Some(*state)
    }

    fn state_code(&self) -> &'static str {
        self.state.map_or("", State::code)
    }
}

async fn list(Shared(app): Shared<App>, staff: Staff, client: Client, Form(query): Form<Query>) -> Result<Response> {
    let state = State::ALL.into_iter().find(|state| state.code() == query.state);
    let asked =
        Asked { exam: &query.exam, state, subject: &query.subject, from: query.from.trim(), to: query.to.trim(), after: &query.after };
    let listed = actions::list(&app, &staff, asked).await?;
    let may_write = staff.may(Permission::Exams);
    web::html(&ListPage { page: staff.page(&app, &client, SECTION), listed, state, query, may_write })
}

/// Written while it is sent, a batch at a time.
async fn export(Shared(app): Shared<App>, Path(format): Path<String>, staff: Staff, Form(query): Form<Query>) -> Result<Response> {
    let format = Format::parse(&format)?;
    let state = State::ALL.into_iter().find(|state| state.code() == query.state);
    let asked = Asked { exam: &query.exam, state, subject: &query.subject, from: query.from.trim(), to: query.to.trim(), after: "" };
    let (exam, export) = export::begin(&app, &staff, &asked).await?;
    let heads = export.heads();
    let batches = stream::try_unfold(export, move |mut export| {
        let app = app.clone();
        async move {
            let rows = export.next(&app).await?;
            Ok((!rows.is_empty()).then_some((rows, export)))
        }
    });
    tables::answer(&format!("registrations-{}", exam.public_ref), format, heads, batches)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchForm {
    q: String,
}

#[derive(Template)]
#[template(path = "registrations/pages/console_found.html")]
struct FoundPage {
    page: ConsolePage,
    rows: Vec<Row>,
}

/// By POST: names, numbers and phones must not stand in an address. One hit is opened at once.
async fn search(Shared(app): Shared<App>, staff: Staff, client: Client, Form(form): Form<SearchForm>) -> Result<Response> {
    let rows = actions::search(&app, &staff, &form.q).await?;
    if let [only] = rows.as_slice() {
        return Ok(client.go(&format!("/console/registrations/{}", only.reference)));
    }
    web::html(&FoundPage { page: staff.page(&app, &client, SECTION), rows })
}

#[derive(Template)]
#[template(path = "registrations/pages/console_show.html")]
struct ShowPage {
    page: ConsolePage,
    all: Everything,
}

impl ShowPage {
    fn submitted(&self) -> String {
        moment(self.all.row.submitted_at)
    }

    fn accepted(&self) -> String {
        match self.all.row.notice_version {
            Some(version) => format!("第 {version} 版，{}", moment(self.all.row.notice_accepted_at)),
            None => "未阅读".into(),
        }
    }
}

fn moment(at: Option<i64>) -> String {
    at.map_or_else(|| "—".into(), |at| UnixMs(at).words())
}

async fn show(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let all = actions::open(&app, &staff, &reference).await?;
    web::html(&ShowPage { page: staff.page(&app, &client, SECTION), all })
}
