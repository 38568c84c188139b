//! The home page and the page of one exam.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::accounts::actions::privacy;
use crate::accounts::{Candidate, RealName};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::exams::eligibility;
use crate::exams::view::ExamView;
use crate::exams::{self, ExamState, Phase};
use crate::registrations::actions::candidate as actions;
use crate::registrations::{Place, Registration, State, store};
use crate::settings::consents::Edition;
use crate::web::client::Client;
use crate::web::layout::{Page, Tab};
use crate::web::{self};

/// Exams on the home page; older ones are of no use to anybody there.
const MAX_EXAMS: i64 = 30;
const MAX_SUBJECTS: i64 = 500;
/// Closed exams in which one has no registration.
const MAX_CLOSED: usize = 5;

/// An exam and what the asker has to do with it.
struct Card {
    view: ExamView,
    mine: Option<Registration>,
}

impl Card {
    fn href(&self) -> String {
        format!("/exams/{}", self.view.exam.public_ref)
    }

    fn state(&self) -> Option<State> {
        self.mine.as_ref().map(Registration::state)
    }

    /// Whether the registration waits for the candidate to go on: to the next step while the exam is open, or to what was sent back.
    fn goes_on(&self) -> Option<String> {
        let row = self.mine.as_ref()?;
        let waits = row.place(&self.view.exam) != Place::Done && row.may_go_on(&self.view.exam, self.view.now).is_ok();
        waits.then(|| format!("/registrations/{}/next", row.public_ref))
    }

    /// The page of the registration, where there is one that is not withdrawn.
    fn detail(&self) -> Option<String> {
        self.mine.as_ref().filter(|row| row.state() != State::Withdrawn).map(|row| format!("/registrations/{}", row.public_ref))
    }

    /// The word on the button that begins, where one may begin.
    fn begins(&self) -> Option<&'static str> {
        match self.state() {
            _ if !self.view.is_open() => None,
            None => Some("开始报名"),
            Some(State::Withdrawn) => Some("重新报名"),
            Some(_) => None,
        }
    }
}

/// Exams of one phase, under a heading.
struct Group {
    title: &'static str,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "registrations/pages/home.html")]
struct HomePage {
    page: Page,
    groups: Vec<Group>,
    /// A privacy notice that has not been agreed to yet.
    notice: Option<Edition>,
}

pub(super) async fn home(Shared(app): Shared<App>, candidate: Option<Candidate>, client: Client) -> Result<Response> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let found = exams::store::visible(&mut conn, MAX_EXAMS).await?;
    let subjects = exams::store::visible_subjects(&mut conn, MAX_SUBJECTS).await?;
    let mine = match &candidate {
        Some(candidate) => store::of_account(&mut conn, candidate.id()).await?,
        None => Vec::new(),
    };
    let notice = match &candidate {
        Some(candidate) => privacy::new_notice(&app, &mut conn, candidate).await?,
        None => None,
    };
    drop(conn);
    let mut groups = [Phase::Open, Phase::Coming, Phase::Closed].map(|phase| {
        let title = match phase {
            Phase::Open => "正在报名",
            Phase::Coming => "即将开始",
            Phase::Closed => "报名已截止",
        };
        (phase, Group { title, cards: Vec::new() })
    });
    for exam in found {
        let own = mine.iter().find(|row| row.exam == exam.id).cloned();
        let list = subjects.iter().filter(|s| s.exam == exam.id).cloned().collect();
        let card = Card { view: ExamView { exam, subjects: list, now }, mine: own };
        let phase = card.view.phase();
        if let Some((_, group)) = groups.iter_mut().find(|(of, _)| *of == phase)
            && (phase != Phase::Closed || card.mine.is_some() || group.cards.len() < MAX_CLOSED)
        {
            group.cards.push(card);
        }
    }
    let groups = groups.into_iter().map(|(_, group)| group).filter(|group| !group.cards.is_empty()).collect();
    web::html(&HomePage { page: frame(&app, candidate.as_ref(), &client).tab(Tab::Home), groups, notice })
}

#[derive(Template)]
#[template(path = "registrations/pages/exam.html")]
struct ExamPage {
    page: Page,
    view: ExamView,
    card: Card,
    /// Who may register; "" for everybody.
    scope: String,
    /// Why this person may not.
    against: Option<String>,
    /// What still stands before signing up, with the way there.
    first: Option<&'static str>,
}

pub(super) async fn exam(
    Shared(app): Shared<App>,
    candidate: Option<Candidate>,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let view = visible(&app, &mut conn, &reference).await?;
    let mine = match &candidate {
        Some(candidate) => store::find_for(&mut conn, candidate.id(), view.exam.id).await?,
        None => None,
    };
    let scope = eligibility::store::find(&mut conn, view.exam.id).await?.words();
    let against = match &candidate {
        Some(candidate) => eligibility::actions::why_not(&app, &mut conn, view.exam.id, &candidate.account).await?,
        None => None,
    };
    drop(conn);
    let first = candidate.as_ref().and_then(|candidate| match candidate.account.real_name() {
        RealName::Verified => None,
        RealName::Pending => Some("身份证照片正在识别，认证通过后即可报名。"),
        RealName::Person => Some("实名认证正在人工审核，通过后即可报名。"),
        RealName::None | RealName::Failed => Some("报名前需要先完成实名认证。"),
    });
    let card = Card { view: view.clone(), mine };
    let first = first.filter(|_| view.exam.checks().real_name() && card.begins().is_some() && against.is_none());
    let against = against.filter(|_| card.begins().is_some());
    web::html(&ExamPage { page: frame(&app, candidate.as_ref(), &client), view, card, scope, against, first })
}

#[derive(Template)]
#[template(path = "registrations/pages/refused.html")]
struct RealNameFirst {
    page: Page,
    sentence: String,
    /// Where the back button leads.
    back: String,
}

pub(super) async fn start(
    Shared(app): Shared<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
) -> Result<Response> {
    match actions::start(&app, &candidate, &reference).await {
        Ok(row) => {
            let exam = exams::store::find(&mut *app.db.read().await?, row.exam).await?;
            Ok(client.go(&row.next_url(&exam)))
        }
        // Not a dead end: the page leads to what is missing.
        Err(Error::Refused { code, message }) if code.starts_with("real_name") && !client.wants_json => {
            let page = RealNameFirst { page: candidate.page(&app, &client), sentence: message.into(), back: format!("/exams/{reference}") };
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(other) => Err(other),
    }
}

async fn visible(app: &App, conn: &mut Conn, reference: &str) -> Result<ExamView> {
    let exam = exams::store::find_by_ref(conn, reference).await?;
    if !matches!(exam.state(), ExamState::Published | ExamState::Closed) {
        return Err(Error::NotFound);
    }
    let subjects = exams::store::subjects(conn, exam.id).await?;
    Ok(ExamView { exam, subjects, now: app.clock.now() })
}

fn frame(app: &App, candidate: Option<&Candidate>, client: &Client) -> Page {
    candidate.map_or_else(|| web::page(app, client), |candidate| candidate.page(app, client))
}
