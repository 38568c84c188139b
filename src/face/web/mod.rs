//! Candidate routes, `/registrations/{ref}/face…`; the on-site code in [`code`].

mod code;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use baokao_vision::face::turns::Turn;
use serde::Deserialize;
use serde_json::json;

use super::actions::live::{self, Answer};
use super::actions::{self, Overview, photo};
use super::consent::{self as texts, FaceText};
use super::frames::{MAX_FRAME_BYTES, MAX_FRAMES};
use super::guide::Guides;
use super::{Check, CheckState, actions::consent, words};
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::{Form, MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::waiting::{self, Waiting};
use crate::web::{html, html_invalid};

/// A live check's frames and their labels.
const MAX_SUBMIT_BYTES: usize = MAX_FRAMES * MAX_FRAME_BYTES + 64 * 1024;
/// One frame with the form around it.
const MAX_GUIDE_BYTES: usize = MAX_FRAME_BYTES + 4 * 1024;

/// The face step of a registration.
pub fn routes() -> Routes {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Routes::new()
        .upload("/registrations/{reference}/face/guide", Access::Candidate, MAX_GUIDE_BYTES, guide)
        .layered(|guides| guides.layer(Extension(Arc::new(Guides::new(cores)))))
        .get("/registrations/{reference}/face", Access::Candidate, show)
        .post("/registrations/{reference}/face/consent", Access::Candidate, agree)
        .post("/registrations/{reference}/face/withdraw", Access::Candidate, withdraw)
        .get("/registrations/{reference}/face/live", Access::Candidate, show_live)
        .post("/registrations/{reference}/face/start", Access::Candidate, start)
        .upload("/registrations/{reference}/face/submit", Access::Candidate, MAX_SUBMIT_BYTES, submit)
        .upload("/registrations/{reference}/face/file", Access::Candidate, MAX_UPLOAD_BYTES, submit_file)
        .get("/registrations/{reference}/face/holding", Access::Candidate, show_holding)
        .upload("/registrations/{reference}/face/holding", Access::Candidate, MAX_UPLOAD_BYTES, submit_holding)
        .get("/registrations/{reference}/face/code", Access::Candidate, code::show)
        .post("/registrations/{reference}/face/code", Access::Candidate, code::enter)
        .get("/registrations/{reference}/face/wait/{check}", Access::Candidate, wait)
        .get("/registrations/{reference}/face/result/{check}", Access::Candidate, show_result)
}

fn base_of(reference: &str) -> String {
    format!("/registrations/{reference}")
}

/// What stands above every page of the step.
struct Head {
    /// `/registrations/{ref}`.
    base: String,
    /// The furthest step that is open, for the bar.
    reached: &'static str,
    /// The exam's steps, for the bar.
    steps: Vec<(&'static str, &'static str)>,
    /// Where the candidate goes on.
    next_url: String,
}

impl Head {
    fn of(overview: &Overview) -> Self {
        Self {
            base: base_of(&overview.registration.public_ref),
            reached: overview.registration.place(&overview.exam).slug(),
            steps: overview.exam.steps(),
            next_url: overview.registration.next_url(&overview.exam),
        }
    }
}

#[derive(Template)]
#[template(path = "face/pages/face.html")]
struct FacePage {
    page: Page,
    head: Head,
    passed: bool,
    waits: bool,
    /// When the consent was given; empty without one.
    agreed_at: String,
    tries_left: i64,
    /// Why no try is left; "" where one is.
    no_tries: String,
    /// What the last try ended with: a kind of banner and a sentence.
    last: Option<(&'static str, String)>,
    /// The address of a check that is being looked at.
    checking: Option<String>,
    text: FaceText,
    problems: Problems,
}

impl FacePage {
    fn new(app: &App, page: Page, overview: &Overview, problems: Problems) -> Self {
        let newest = overview.newest.as_ref();
        let last = newest.and_then(|check| match check.state() {
            CheckState::Returned => Some(("danger", format!("人工审核没有通过：{} 请重新完成这一步。", check.reason))),
            CheckState::Failed => Some(("warn", sentences(check))),
            _ => None,
        });
        let checking = newest.filter(|check| check.state() == CheckState::Checking);
        Self {
            page,
            head: Head::of(overview),
            passed: overview.registration.face_passed(),
            waits: overview.registration.face_waits(),
            agreed_at: overview.agreed_at.map(|at| at.words()).unwrap_or_default(),
            tries_left: overview.tries.left(),
            no_tries: overview.tries.words(),
            last,
            checking: checking.map(|check| wait_url(&overview.registration.public_ref, &check.public_ref)),
            text: FaceText::of(app.config.face_template_days),
            problems,
        }
    }
}

/// Why a check failed, as sentences.
fn sentences(check: &Check) -> String {
    let mut said: Vec<&str> = check.problems().map(words::result).collect();
    said.dedup();
    if said.is_empty() { words::result("").to_owned() } else { said.join("") }
}

fn wait_url(registration: &str, check: &str) -> String {
    format!("{}/face/wait/{check}", base_of(registration))
}

#[derive(Debug, Deserialize)]
struct Choosing {
    /// Not empty: the candidate wants another way although a photograph waits for a person.
    #[serde(default)]
    choose: String,
}

async fn show(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    Form(choosing): Form<Choosing>,
) -> Result<Response> {
    let overview = actions::overview(&app, &candidate, &reference).await?;
    if !overview.exam.checks().face() {
        return Ok(client.go(&overview.registration.next_url(&overview.exam)));
    }
    let page = FacePage::new(&app, candidate.page(&app, &client), &overview, Problems::new());
    html(&FacePage { waits: page.waits && choosing.choose.is_empty(), ..page })
}

#[derive(Debug, Deserialize)]
struct ConsentForm {
    #[serde(default)]
    agree: String,
    /// Of the text that was on the page.
    #[serde(default)]
    edition: String,
}

async fn agree(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<ConsentForm>,
) -> Result<Response> {
    match consent::give(&app, &candidate, &reference, &form.edition, form.agree == "yes").await {
        Ok(()) => Ok(client.go(&format!("{}/face/live", base_of(&reference)))),
        Err(Error::Invalid(problems)) => {
            let overview = actions::overview(&app, &candidate, &reference).await?;
            html_invalid(&FacePage::new(&app, candidate.page(&app, &client), &overview, problems))
        }
        Err(other) => Err(other),
    }
}

async fn withdraw(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    consent::withdraw(&app, &candidate, &reference).await?;
    Ok(client.go_saying(
        &format!("{}/face", base_of(&reference)),
        "已撤回对人脸识别的同意，没有完成的核验和画面已删除。您可以选择人工审核或现场核验继续报名。",
    ))
}

#[derive(Template)]
#[template(path = "face/pages/live.html")]
struct LivePage {
    page: Page,
    head: Head,
    tries_left: i64,
    problems: Problems,
}

async fn live_page(
    app: &App,
    candidate: &Candidate,
    client: &Client,
    reference: &str,
    problems: Problems,
) -> Result<Result<LivePage, Response>> {
    let overview = actions::overview(app, candidate, reference).await?;
    // Whoever comes here by the address bar reads the text first.
    if overview.agreed_at.is_none() || overview.tries.left() == 0 || overview.registration.face_passed() {
        return Ok(Err(client.go(&format!("{}/face", base_of(reference)))));
    }
    Ok(Ok(LivePage { page: candidate.page(app, client), head: Head::of(&overview), tries_left: overview.tries.left(), problems }))
}

async fn show_live(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    match live_page(&app, &candidate, &client, &reference, Problems::new()).await? {
        Ok(page) => html(&page),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn guide(
    State(app): State<App>,
    Extension(guides): Extension<Arc<Guides>>,
    candidate: Candidate,
    Path(reference): Path<String>,
    mut uploads: Uploads,
) -> Result<Response> {
    Ok(Json(live::guide(&app, &candidate, &reference, &guides, uploads.take("frame")).await?).into_response())
}

async fn start(State(app): State<App>, candidate: Candidate, Path(reference): Path<String>) -> Result<Response> {
    let started = live::start(&app, &candidate, &reference).await?;
    let turns: Vec<Turn> = started.challenge.turns;
    let answer = json!({ "nonce": started.nonce, "turns": turns, "seconds": super::CHALLENGE_SECONDS, "ref": started.check });
    Ok(Json(answer).into_response())
}

async fn submit(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    uploads: Uploads,
) -> Result<Response> {
    let answer = Answer {
        nonce: uploads.text("nonce").to_owned(),
        meta: uploads.text("meta").to_owned(),
        frames: uploads.files.into_iter().filter(|file| file.field == "frame").map(|file| file.bytes).collect(),
    };
    let check = live::submit(&app, &candidate, &reference, answer).await?;
    Ok(client.go(&wait_url(&reference, &check)))
}

async fn submit_file(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    mut uploads: Uploads,
) -> Result<Response> {
    match photo::submit_file(&app, &candidate, &reference, uploads.take("photo")).await {
        Ok(check) => Ok(client.go(&wait_url(&reference, &check))),
        Err(Error::Invalid(problems)) => match live_page(&app, &candidate, &client, &reference, problems).await? {
            Ok(page) => html_invalid(&page),
            Err(elsewhere) => Ok(elsewhere),
        },
        Err(other) => Err(other),
    }
}

/// Which photograph stands on the ticket of somebody whose face no machine looked at.
fn ticket_photo(candidate: &Candidate) -> &'static str {
    if candidate.account.portrait_picture.is_some() || candidate.account.verified_at.is_none() {
        "准考证上的照片使用您实名认证时身份证上的照片。"
    } else if candidate.account.document_forgotten().is_empty() {
        "系统中没有您证件上的人像，这样核验的准考证上没有照片，考试时请携带证件原件。"
    } else {
        "您的证件照片已按保存期限删除，这样核验的准考证上没有照片，考试时请携带证件原件。"
    }
}

#[derive(Template)]
#[template(path = "face/pages/holding.html")]
struct HoldingPage {
    page: Page,
    head: Head,
    ticket_photo: &'static str,
    consent: &'static str,
    agreed: bool,
    problems: Problems,
}

async fn holding_page(
    app: &App,
    candidate: &Candidate,
    client: &Client,
    reference: &str,
    agreed: bool,
    problems: Problems,
) -> Result<HoldingPage> {
    let overview = actions::overview(app, candidate, reference).await?;
    let (page, ticket_photo) = (candidate.page(app, client), ticket_photo(candidate));
    Ok(HoldingPage { page, head: Head::of(&overview), ticket_photo, consent: texts::PHOTO, agreed, problems })
}

async fn show_holding(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    html(&holding_page(&app, &candidate, &client, &reference, false, Problems::new()).await?)
}

async fn submit_holding(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    mut uploads: Uploads,
) -> Result<Response> {
    let agreed = uploads.text("agree") == "yes";
    match photo::submit_holding(&app, &candidate, &reference, uploads.take("photo"), agreed).await {
        Ok(check) => Ok(client.go(&format!("{}/face/result/{check}", base_of(&reference)))),
        Err(Error::Invalid(problems)) => html_invalid(&holding_page(&app, &candidate, &client, &reference, agreed, problems).await?),
        Err(other) => Err(other),
    }
}

async fn wait(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, check)): Path<(String, String)>,
) -> Result<Response> {
    let (found, ..) = actions::own_check(&app, &candidate, &reference, &check).await?;
    let waiting = Waiting {
        title: "人脸识别",
        message: "正在核验，请稍候",
        promise: "画面已经安全保存，可以关闭本页，稍后从“我的报名”回来查看结果。",
        back: format!("{}/face", base_of(&reference)),
        here: wait_url(&reference, &check),
        next: format!("{}/face/result/{check}", base_of(&reference)),
    };
    let place = actions::place(&app, &found).await?;
    waiting::answer(candidate.page(&app, &client), &client, waiting, place)
}

#[derive(Template)]
#[template(path = "face/pages/result.html")]
struct ResultPage {
    page: Page,
    head: Head,
    state: CheckState,
    sentences: String,
    tries_left: i64,
    /// Why no try is left; "" where one is.
    no_tries: String,
    /// Where 再试一次 leads: to the text where it is not agreed to.
    again: String,
}

async fn show_result(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, check)): Path<(String, String)>,
) -> Result<Response> {
    let (found, ..) = actions::own_check(&app, &candidate, &reference, &check).await?;
    let overview = actions::overview(&app, &candidate, &reference).await?;
    let head = Head::of(&overview);
    match found.state() {
        CheckState::Checking => return Ok(client.go(&wait_url(&reference, &check))),
        CheckState::Passed | CheckState::Approved => return Ok(client.go_saying(&head.next_url, "人脸识别通过。")),
        _ => {}
    }
    let said = match found.state() {
        CheckState::Returned => format!("原因：{}", found.reason),
        // A photograph that was handed to a person has nothing against it.
        CheckState::Person if found.problems().next().is_none() => String::new(),
        _ => sentences(&found),
    };
    html(&ResultPage {
        page: candidate.page(&app, &client),
        again: format!("{}/face{}", head.base, if overview.agreed_at.is_some() { "/live" } else { "" }),
        head,
        state: found.state(),
        sentences: said,
        tries_left: overview.tries.left(),
        no_tries: overview.tries.words(),
    })
}
