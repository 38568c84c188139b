//! 注册: three pages, a page that says it is done, and the privacy notice.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::{Again, SolutionFields};
use crate::accounts::actions::codes::{self, Challenge};
use crate::accounts::actions::register::{self as actions, Draft, PersonForm};
use crate::accounts::{CANDIDATE_TYPES, Candidate, password, rare};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::settings::consents::Edition;
use crate::types::{Access, DocumentKind, Phone, Region};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, Page};
use crate::web::routes::Routes;
use crate::web::{self};

const COOKIE: &str = "baokao_signup";
const PHONE_PAGE: &str = "/register/phone";
const DONE_PAGE: &str = "/register/done";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/register", Access::Public, show_person)
        .post("/register", Access::Public, save_person)
        .get(PHONE_PAGE, Access::Public, show_phone)
        .post(PHONE_PAGE, Access::Public, prove_phone)
        .post("/register/phone/code", Access::Public, send_code)
        .get("/register/password", Access::Public, show_password)
        .post("/register/password", Access::Public, finish)
        .get(DONE_PAGE, Access::Public, done)
        .get("/privacy", Access::Public, show_privacy)
}

async fn draft_of(app: &App, jar: &CookieJar) -> Result<Option<Draft>> {
    actions::find_draft(app, jar.get(COOKIE).map(Cookie::value)).await
}

fn cookie(token: String, client: &Client, lasts_s: i64) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/register")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(client.https)
        .max_age(time::Duration::seconds(lasts_s))
        .build()
}

/// The documents of a region, as the page groups them.
struct Kinds {
    region: &'static str,
    word: &'static str,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "accounts/pages/register.html")]
struct PersonPage {
    page: Page,
    form: PersonForm,
    problems: Problems,
    regions: Vec<Choice>,
    kinds: Vec<Kinds>,
    types: Vec<Choice>,
    consented: bool,
    /// The edition of the privacy notice that is agreed to.
    version: i64,
    /// The rare-character helper: open, what was typed into it, what it found.
    helper: rare::Helper,
}

impl PersonPage {
    fn new(app: &App, client: &Client, form: PersonForm, problems: Problems, helper: rare::Helper) -> Self {
        let regions: Vec<_> = Region::ALL.map(|region| (region.code(), region.word())).into();
        let kinds = Region::ALL.map(|region| {
            let pairs: Vec<_> = region.documents().iter().map(|kind| (kind.code(), kind.word())).collect();
            // A kind that two regions share is chosen in the group of the chosen region only.
            let current = if form.region == region.code() { form.document_kind.as_str() } else { "" };
            Kinds { region: region.code(), word: region.word(), choices: Choice::list(&pairs, current) }
        });
        let version = app.settings().consents.privacy().version;
        Self {
            page: web::page(app, client),
            regions: Choice::list(&regions, &form.region),
            kinds: kinds.into(),
            types: Choice::list(&CANDIDATE_TYPES.map(|word| (word, word)), &form.candidate_type),
            consented: form.consent == version.to_string(),
            version,
            form,
            problems,
            helper,
        }
    }
}

async fn show_person(State(app): State<App>, client: Client, jar: CookieJar) -> Result<Response> {
    let typed = draft_of(&app, &jar).await?.and_then(|draft| draft.person().cloned());
    // What almost everybody has is chosen already.
    let form = typed.unwrap_or_else(|| PersonForm {
        region: Region::Mainland.code().into(),
        document_kind: DocumentKind::ResidentCard.code().into(),
        ..PersonForm::default()
    });
    web::html(&PersonPage::new(&app, &client, form, Problems::new(), rare::Helper::default()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PersonFields {
    name: String,
    region: String,
    document_kind: String,
    number: String,
    candidate_type: String,
    major: String,
    consent: String,
    /// Which button: "" goes on, `find` asks the rare-character helper, `add:龘` adds that character to the name.
    r#do: String,
    rare: String,
}

async fn save_person(State(app): State<App>, client: Client, jar: CookieJar, Form(fields): Form<PersonFields>) -> Result<Response> {
    let PersonFields { name, region, document_kind, number, candidate_type, major, consent, r#do, rare } = fields;
    let mut form = PersonForm { name, region, document_kind, number, candidate_type, major, consent };
    if r#do == "find" {
        let helper = rare::Helper::look_up(&rare);
        return web::html(&PersonPage::new(&app, &client, form, Problems::new(), helper));
    }
    if let Some(character) = r#do.strip_prefix("add:").and_then(|text| text.chars().next()) {
        form.name.push(character);
        return web::html(&PersonPage::new(&app, &client, form, Problems::new(), rare::Helper::default()));
    }
    match actions::save_person(&app, draft_of(&app, &jar).await?, &form, &client).await {
        Ok(token) => {
            let jar = token.map_or_else(CookieJar::new, |token| CookieJar::new().add(cookie(token, &client, actions::DRAFT_LASTS_S)));
            Ok((jar, client.go(PHONE_PAGE)).into_response())
        }
        Err(error) => {
            let again = Again::of(error, "")?;
            let page = PersonPage::new(&app, &client, form, again.problems, rare::Helper::default());
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/register_phone.html")]
struct PhonePage {
    page: Page,
    phone: String,
    code: String,
    proven: bool,
    problems: Problems,
    challenge: Challenge,
    cooldown_s: i64,
}

impl PhonePage {
    async fn new(app: &App, client: &Client, draft: &Draft, phone: String, problems: Problems) -> Result<Self> {
        Ok(Self {
            page: web::page(app, client),
            proven: draft.is_proven() && draft.phone() == phone,
            phone,
            code: String::new(),
            problems,
            challenge: codes::challenge(app)?,
            cooldown_s: actions::cooldown_s(app, draft).await?,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PhoneFields {
    phone: String,
    code: String,
    #[serde(flatten)]
    solution: SolutionFields,
}

/// The draft, once step 1 is done.
async fn with_person(app: &App, jar: &CookieJar) -> Result<Option<Draft>> {
    Ok(draft_of(app, jar).await?.filter(|draft| draft.person().is_some()))
}

async fn show_phone(State(app): State<App>, client: Client, jar: CookieJar) -> Result<Response> {
    let Some(draft) = with_person(&app, &jar).await? else { return Ok(client.go("/register")) };
    let phone = draft.phone().to_owned();
    web::html(&PhonePage::new(&app, &client, &draft, phone, Problems::new()).await?)
}

async fn send_code(State(app): State<App>, client: Client, jar: CookieJar, Form(fields): Form<PhoneFields>) -> Result<Response> {
    let Some(draft) = with_person(&app, &jar).await? else { return Ok(client.go("/register")) };
    match actions::send_code(&app, draft.clone(), &fields.phone, &fields.solution.solution(), &client).await {
        Ok(()) => Ok(client.go_saying(PHONE_PAGE, "验证码已发送，请在 5 分钟内输入短信中的 6 位数字。")),
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = PhonePage::new(&app, &client, &draft, fields.phone, again.problems).await?;
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

async fn prove_phone(State(app): State<App>, client: Client, jar: CookieJar, Form(fields): Form<PhoneFields>) -> Result<Response> {
    let Some(draft) = with_person(&app, &jar).await? else { return Ok(client.go("/register")) };
    match actions::prove_phone(&app, draft.clone(), &fields.phone, &fields.code).await {
        Ok(()) => Ok(client.go("/register/password")),
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = PhonePage::new(&app, &client, &draft, fields.phone, again.problems).await?;
            Again::html(again.status, again.retry_after_s, &PhonePage { code: fields.code, ..page })
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/register_password.html")]
struct PasswordPage {
    page: Page,
    hint: &'static str,
    phone: String,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordFields {
    password: String,
    again: String,
}

/// What the last page says of the phone, for checking.
fn masked(draft: &Draft) -> String {
    Phone::stored(draft.phone().to_owned()).masked()
}

async fn show_password(State(app): State<App>, client: Client, jar: CookieJar) -> Result<Response> {
    let Some(draft) = with_person(&app, &jar).await? else { return Ok(client.go("/register")) };
    if !draft.is_proven() {
        return Ok(client.go(PHONE_PAGE));
    }
    let phone = masked(&draft);
    web::html(&PasswordPage { page: web::page(&app, &client), hint: password::HINT, phone, problems: Problems::new() })
}

async fn finish(State(app): State<App>, client: Client, jar: CookieJar, Form(fields): Form<PasswordFields>) -> Result<Response> {
    let Some(draft) = with_person(&app, &jar).await? else {
        return Ok(client.go_saying("/login", "这次注册已经提交或已过期。已提交的请直接登录，否则请重新注册。"));
    };
    if !draft.is_proven() {
        return Ok(client.go(PHONE_PAGE));
    }
    let phone = masked(&draft);
    match actions::finish(&app, draft, &fields.password, &fields.again, &client).await {
        Ok(()) => Ok((CookieJar::new().add(cookie(String::new(), &client, 0)), client.go(DONE_PAGE)).into_response()),
        // The notice changed since the first step.
        Err(Error::Invalid(problems)) if !problems.of("consent").is_empty() => {
            Ok(client.go_saying("/register", "隐私政策有更新，请重新阅读并同意，其余内容不用再填。"))
        }
        Err(error) => {
            let again = Again::of(error, "phone")?;
            let page = PasswordPage { page: web::page(&app, &client), hint: password::HINT, phone, problems: again.problems };
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/register_done.html")]
struct DonePage {
    page: Page,
}

async fn done(State(app): State<App>, client: Client) -> Result<Response> {
    web::html(&DonePage { page: web::page(&app, &client) })
}

#[derive(Template)]
#[template(path = "accounts/pages/privacy.html")]
struct PrivacyPage {
    page: Page,
    title: &'static str,
    notice: Edition,
    /// How long pictures are kept: a setting, and so in no edition.
    kept: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// An edition of before; 0: the present one.
    version: i64,
    /// `identity` for the purpose of the document; else the privacy notice.
    of: String,
}

async fn show_privacy(State(app): State<App>, candidate: Option<Candidate>, client: Client, Form(asked): Form<Asked>) -> Result<Response> {
    let settings = app.settings();
    let (consents, kept) = (&settings.consents, settings.service.pictures_kept());
    let (title, notice) = match (asked.of.as_str(), asked.version) {
        ("identity", version) => ("证件信息的用途", consents.identity_of(version)),
        (_, 0) => ("隐私政策", Some(consents.privacy())),
        (_, version) => ("隐私政策", consents.privacy_of(version)),
    };
    let page = candidate.as_ref().map_or_else(|| web::page(&app, &client), |candidate| candidate.page(&app, &client));
    web::html(&PrivacyPage { page, title, notice: notice.ok_or(Error::NotFound)?, kept })
}
