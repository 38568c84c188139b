//! Staff routes: the registrations of an exam, the search, one registration with everything about it.

use askama::Template;
use axum::extract::{FromRequestParts, Path, State as Shared};
use axum::http::request::Parts;
use axum::response::Response;
use axum_extra::extract::Query as Address;
use futures_util::stream;
use serde::Deserialize;

use super::State;
use super::actions::console::{self as actions, Everything};
use super::actions::lists::{self, Asked, Listed, Row};
use super::actions::{export, views};
use super::views::{Column, Query};
use crate::accounts::CANDIDATE_TYPES;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::errors::encode;
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
        .get("/console/registrations/search", Access::somewhere(Permission::Candidates), found)
        .post("/console/registrations/search", Access::somewhere(Permission::Candidates), search)
        .get("/console/registrations/export/{format}", Access::somewhere(Permission::Candidates), export)
        .get("/console/registrations/of/{account}", Access::somewhere(Permission::Candidates), of_account)
        .post("/console/registrations/views", Access::somewhere(Permission::Candidates), keep_view)
        .post("/console/registrations/views/{view}/remove", Access::somewhere(Permission::Candidates), remove_view)
        .get("/console/registrations/{ref}", Access::exam(Permission::Candidates), show)
        .post("/console/registrations/{ref}/notes", Access::exam(actions::WHO_NOTES), note)
}

#[derive(Template)]
#[template(path = "registrations/pages/console_list.html")]
struct ListPage {
    page: ConsolePage,
    listed: Listed,
    state: Option<State>,
    query: Query,
    columns: Vec<Column>,
    /// Whether a message to all of a state can be written: it goes to a whole exam's.
    may_write: bool,
    may_review: bool,
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
        self.query.conditions() + &self.query.choice()
    }

    /// Whether what is shown can be decided at once.
    fn may_decide(&self) -> bool {
        self.may_review && self.state == Some(State::Submitted) && !self.listed.rows.is_empty()
    }

    fn is_narrowed(&self) -> bool {
        self.state.is_some() || !self.query.conditions().is_empty()
    }

    fn may_be_kept(&self) -> bool {
        let kept = self.query.kept();
        !kept.is_empty() && self.listed.views.iter().all(|view| view.query != kept)
    }

    /// The way back from one of its rows, as the query of an address.
    fn came(&self) -> String {
        format!("?exam={}{}{}", self.exam_ref(), self.query.kept(), self.query.place())
    }

    fn shows(&self, column: &Column) -> bool {
        self.columns.contains(column)
    }

    fn all_columns(&self) -> [Column; 9] {
        Column::ALL
    }

    fn types(&self) -> [&'static str; 4] {
        CANDIDATE_TYPES
    }

    fn is_shown(&self, state: &State) -> bool {
        self.state == Some(*state)
    }

    fn state_code(&self) -> &'static str {
        self.state.map_or("", State::code)
    }
}

async fn list(Shared(app): Shared<App>, staff: Staff, client: Client, Form(query): Form<Query>) -> Result<Response> {
    let listed = lists::list(&app, &staff, query.asked()).await?;
    let may_write = staff.may(Permission::Exams);
    let may_review = listed.exam.as_ref().is_some_and(|exam| staff.may_in(exam.id, Permission::ReviewPayment));
    let (state, columns) = (query.state(), query.columns());
    web::html(&ListPage { page: staff.page(&app, &client, SECTION), listed, state, query, columns, may_write, may_review })
}

/// Written while it is sent, a batch at a time.
async fn export(Shared(app): Shared<App>, Path(format): Path<String>, staff: Staff, Form(query): Form<Query>) -> Result<Response> {
    let format = Format::parse(&format)?;
    let (exam, export) = export::begin(&app, &staff, &Asked { newest_first: false, after: "", before: "", ..query.asked() }).await?;
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
    columns: Vec<Column>,
    /// Whose they are, where that is known: reference and name.
    whose: Option<(String, String)>,
    /// What was searched for, else "".
    typed: String,
    /// Whether more people fit than are shown.
    is_cut: bool,
    /// The way back from one of its rows, as the query of an address.
    came: String,
}

/// By POST: names, numbers and phones must not stand in an address. One hit is opened at once; the list has an address of its own, so that one can come back to it.
async fn search(Shared(app): Shared<App>, staff: Staff, client: Client, Form(form): Form<SearchForm>) -> Result<Response> {
    // The list is looked up at its own address; here it is enough to know whether there is more than one.
    let (rows, is_cut) = lists::search(&app, &staff, &form.q, 1).await?;
    if let ([only], false) = (rows.as_slice(), is_cut) {
        return Ok(client.go(&format!("/console/registrations/{}", only.reference)));
    }
    Ok(client.go(&format!("/console/registrations/search?q={}", web::seal_query(&app, &form.q)?)))
}

async fn found(Shared(app): Shared<App>, staff: Staff, client: Client, Form(form): Form<SearchForm>) -> Result<Response> {
    staff.require_somewhere(Permission::Candidates)?;
    if form.q.is_empty() {
        return Ok(client.go("/console/registrations"));
    }
    let typed = web::open_query(&app, &form.q)?;
    let (rows, is_cut) = lists::search(&app, &staff, &typed, lists::MAX_FOUND).await?;
    let (page, came) = (staff.page(&app, &client, SECTION), format!("?found={}", encode(&form.q)));
    web::html(&FoundPage { page, rows, columns: Column::USUAL.to_vec(), whose: None, typed, is_cut, came })
}

/// The registrations of one candidate.
async fn of_account(Shared(app): Shared<App>, staff: Staff, client: Client, Path(account): Path<String>) -> Result<Response> {
    let (account, rows) = lists::of_account(&app, &staff, &account).await?;
    let whose = staff.may(Permission::Candidates).then(|| (account.public_ref.clone(), account.name.clone()));
    let came = format!("?of={}", account.public_ref);
    web::html(&FoundPage {
        page: staff.page(&app, &client, SECTION),
        came,
        rows,
        columns: Column::USUAL.to_vec(),
        whose,
        typed: String::new(),
        is_cut: false,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NameForm {
    name: String,
}

/// The list stands in the address, as everywhere; the form has its name.
async fn keep_view(
    Shared(app): Shared<App>,
    staff: Staff,
    client: Client,
    Address(query): Address<Query>,
    Form(form): Form<NameForm>,
) -> Result<Response> {
    views::keep(&app, &staff, &form.name, &query).await?;
    Ok(client.go_saying(&format!("/console/registrations?exam={}{}", encode(&query.exam), query.kept()), "已保存到常用筛选。"))
}

async fn remove_view(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    views::remove(&app, &staff, &reference).await?;
    Ok(client.go_saying("/console/registrations", "已删除这个常用筛选。"))
}

#[derive(Template)]
#[template(path = "registrations/pages/console_show.html")]
struct ShowPage {
    page: ConsolePage,
    all: Everything,
    came: Came,
    /// A note that could not be kept.
    typed: String,
    problems: Problems,
}

impl ShowPage {
    fn moment(&self, at: &i64) -> String {
        UnixMs(*at).words()
    }

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

/// From where somebody came to a registration: from a list, what was searched for, or a candidate's registrations.
#[derive(Clone, Debug, Default)]
struct Came {
    /// Where they go back to.
    back: String,
    /// The query of their address, "" for none.
    query: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Elsewhere {
    /// What was searched for, sealed.
    found: String,
    /// Reference of an account.
    of: String,
}

impl FromRequestParts<App> for Came {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let wrong = |_| Error::NotFound;
        let Address(from) = Address::<Elsewhere>::from_request_parts(parts, app).await.map_err(wrong)?;
        let Address(list) = Address::<Query>::from_request_parts(parts, app).await.map_err(wrong)?;
        let (found, of) = (encode(&from.found), encode(&from.of));
        Ok(if !found.is_empty() {
            Self { back: format!("/console/registrations/search?q={found}"), query: format!("?found={found}") }
        } else if !of.is_empty() {
            Self { back: format!("/console/registrations/of/{of}"), query: format!("?of={of}") }
        } else if !list.exam.is_empty() {
            let query = format!("?exam={}{}{}", encode(&list.exam), list.kept(), list.place());
            Self { back: format!("/console/registrations{query}"), query }
        } else {
            Self::default()
        })
    }
}

fn moment(at: Option<i64>) -> String {
    at.map_or_else(|| "—".into(), |at| UnixMs(at).words())
}

async fn show(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>, came: Came) -> Result<Response> {
    let all = actions::open(&app, &staff, &reference).await?;
    web::html(&ShowPage { page: staff.page(&app, &client, SECTION), all, came, typed: String::new(), problems: Problems::new() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NoteForm {
    body: String,
}

async fn note(
    Shared(app): Shared<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    came: Came,
    Form(form): Form<NoteForm>,
) -> Result<Response> {
    match actions::note(&app, &staff, &reference, &form.body).await {
        Ok(()) => Ok(client.go_saying(&format!("/console/registrations/{reference}{}", came.query), "备注已保存。")),
        Err(Error::Invalid(problems)) => match actions::open(&app, &staff, &reference).await {
            Ok(all) => web::html_invalid(&ShowPage { page: staff.page(&app, &client, SECTION), all, came, typed: form.body, problems }),
            // They may note something and not see the page.
            Err(Error::Forbidden) => Err(Error::Invalid(problems)),
            Err(other) => Err(other),
        },
        Err(other) => Err(other),
    }
}
