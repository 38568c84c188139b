//! Registration in three steps: person → phone → password. What was typed waits in a sealed draft, so that going back loses nothing and no step can
//! be skipped.
//!
//! Invariant: whoever registers a number that has an account already sees the same pages, and only its owner hears of it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::codes::{self, Ask, Purpose, Solution};
use super::outbox::{self, New};
use crate::accounts::store::changes::{self, NewRow};
use crate::accounts::store::{self, PHONE, codes as code_store, drafts};
use crate::accounts::{CANDIDATE_TYPES, ConsentKind, consents, password};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{hex, sha256};
use crate::db::Tx;
use crate::error::{Error, Problems, Result};
use crate::ports::sms::Kind;
use crate::types::{DocumentKind, DocumentNumber, PersonName, Phone, Region, line};
use crate::web::client::{self, Client};
use crate::web::throttle::{self, Limit};

/// How long a draft waits.
pub const DRAFT_LASTS_S: i64 = 86_400;
const DRAFT: &str = "signup_drafts.data";
/// A whole class may register behind one address of the campus.
const DRAFTS_PER_ADDRESS: Limit = Limit { count: 200, window_s: 3600, lock_s: 3600 };
/// Accounts that one phone may serve.
pub const ACCOUNTS_PER_PHONE: i64 = 3;
/// The owner of a number hears at most once a day that somebody tried to register it.
const TELL_OWNER_EVERY_S: i64 = 86_400;
/// Longest major.
pub const MAX_MAJOR_CHARS: usize = 60;

/// Step 1, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct PersonForm {
    pub name: String,
    pub region: String,
    pub document_kind: String,
    pub number: String,
    pub candidate_type: String,
    pub major: String,
    /// The version of the privacy notice that was ticked.
    pub consent: String,
}

/// Step 1, checked.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Person {
    pub name: PersonName,
    pub region: Region,
    pub number: DocumentNumber,
    pub candidate_type: String,
    pub major: String,
    /// The edition of the privacy notice that was ticked.
    pub consent: i64,
}

impl Person {
    /// As it would be typed: of bounded length, whatever the browser sent.
    fn typed(&self) -> PersonForm {
        PersonForm {
            name: self.name.as_str().to_owned(),
            region: self.region.code().to_owned(),
            document_kind: self.number.kind().code().to_owned(),
            number: self.number.text().to_owned(),
            candidate_type: self.candidate_type.clone(),
            major: self.major.clone(),
            consent: self.consent.to_string(),
        }
    }
}

/// What waits between the steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Data {
    person: Option<PersonForm>,
    phone: String,
    /// The phone that a code has proven.
    proven: String,
}

/// A registration under way.
#[derive(Clone, Debug)]
pub struct Draft {
    token_hash: Vec<u8>,
    data: Data,
}

impl Draft {
    /// Step 1 as it was typed, once it was right.
    pub fn person(&self) -> Option<&PersonForm> {
        self.data.person.as_ref()
    }

    /// The phone that a code was last sent to, or "".
    pub fn phone(&self) -> &str {
        &self.data.phone
    }

    /// Whether that phone is proven.
    pub fn is_proven(&self) -> bool {
        !self.data.proven.is_empty() && self.data.proven == self.data.phone
    }

    fn subject(&self, phone: &Phone) -> String {
        format!("{}\0{}", hex(&self.token_hash), phone.as_str())
    }
}

/// Checks step 1, all fields at once.
pub fn check_person(app: &App, form: &PersonForm) -> Result<Person> {
    let mut problems = Problems::new();
    let name = problems.take("name", PersonName::parse(&form.name));
    let region = problems.take("region", Region::parse(&form.region));
    let kind = problems.take("document_kind", DocumentKind::parse(&form.document_kind));
    let fitting = kind.filter(|kind| region.is_none_or(|region| region.documents().contains(kind)));
    if let (Some(region), Some(_), None) = (region, kind, fitting) {
        problems.add("document_kind", format!("地区是{}时不能用这种证件，请重新选择证件类型。", region.word()));
    }
    let number = fitting.and_then(|kind| problems.take("number", check_number(app, kind, region, &form.number)));
    let candidate_type = CANDIDATE_TYPES.into_iter().find(|word| *word == form.candidate_type).ok_or("请选择考生类型。");
    let candidate_type = problems.take("candidate_type", candidate_type);
    let major = problems.take("major", line(&form.major, MAX_MAJOR_CHARS, "请填写专业。", "专业不能超过 60 个字。"));
    let consent = app.settings().consents.privacy().version;
    if form.consent != consent.to_string() {
        problems.add("consent", "请阅读隐私政策，同意后勾选。");
    }
    match (name, region, number, candidate_type, major) {
        (Some(name), Some(region), Some(number), Some(candidate_type), Some(major)) if problems.is_empty() => {
            Ok(Person { name, region, number, candidate_type: candidate_type.to_owned(), major, consent })
        }
        _ => Err(Error::Invalid(problems)),
    }
}

/// Checks a number by the rule of its kind, and that a residence permit belongs to its region (810000, 820000, 830000).
pub fn check_number(app: &App, kind: DocumentKind, region: Option<Region>, typed: &str) -> Result<DocumentNumber, &'static str> {
    let number = DocumentNumber::parse(kind, typed, app.clock.now().date())?;
    let area = match region {
        Some(Region::HongKong) => "810000",
        Some(Region::Macau) => "820000",
        Some(Region::Taiwan) => "830000",
        Some(Region::Mainland) | None => return Ok(number),
    };
    if kind == DocumentKind::ResidencePermit && !number.text().starts_with(area) {
        return Err("居住证号码与所选地区不符，请核对地区和号码。");
    }
    Ok(number)
}

/// The draft behind a cookie's token.
pub async fn find_draft(app: &App, token: Option<&str>) -> Result<Option<Draft>> {
    let Some(token) = token.filter(|token| (32..=64).contains(&token.len())) else { return Ok(None) };
    let token_hash = sha256(token.as_bytes());
    let Some(sealed) = drafts::find(&mut *app.db.read().await?, &token_hash, app.clock.now()).await? else { return Ok(None) };
    let data = serde_json::from_slice(&app.keys.open_sealed(DRAFT, &sealed)?)?;
    Ok(Some(Draft { token_hash, data }))
}

async fn save(app: &App, tx: &mut Tx, draft: &Draft) -> Result<()> {
    let now = app.clock.now();
    let sealed = app.keys.seal(DRAFT, &serde_json::to_vec(&draft.data)?)?;
    drafts::save(tx, &draft.token_hash, sealed, now, now.plus_s(DRAFT_LASTS_S)).await
}

/// Step 1. Returns the token of a new draft, for the cookie, where there was none.
pub async fn save_person(app: &App, draft: Option<Draft>, form: &PersonForm, client: &Client) -> Result<Option<String>> {
    let person = check_person(app, form)?;
    let (mut draft, token) = match draft {
        Some(draft) => (draft, None),
        None => {
            throttle::count(app, &format!("sign-up:{}", client::throttle_key(app, &client.address)), DRAFTS_PER_ADDRESS).await?;
            let token = app.keys.token()?;
            (Draft { token_hash: sha256(token.as_bytes()), data: Data::default() }, Some(token))
        }
    };
    draft.data.person = Some(person.typed());
    let mut tx = app.db.begin().await?;
    drafts::purge(&mut tx, app.clock.now()).await?;
    save(app, &mut tx, &draft).await?;
    tx.commit().await?;
    Ok(token)
}

/// Step 2: sends a code to the phone.
pub async fn send_code(app: &App, mut draft: Draft, typed: &str, solution: &Solution<'_>, client: &Client) -> Result<()> {
    let phone = Phone::parse(typed).map_err(|sentence| Error::invalid("phone", sentence))?;
    let subject = draft.subject(&phone);
    let ask = Ask { purpose: Purpose::Register, subject: &subject, phone: Some(&phone) };
    codes::send(app, &ask, solution, &client.address).await?;
    phone.as_str().clone_into(&mut draft.data.phone);
    let mut tx = app.db.begin().await?;
    save(app, &mut tx, &draft).await?;
    tx.commit().await?;
    Ok(())
}

/// Seconds until this draft's phone may have another code.
pub async fn cooldown_s(app: &App, draft: &Draft) -> Result<i64> {
    let Ok(phone) = Phone::parse(draft.phone()) else { return Ok(0) };
    codes::cooldown_s(app, &Ask { purpose: Purpose::Register, subject: "", phone: Some(&phone) }).await
}

/// Step 2: the code proves the phone. A phone that is proven already needs no second code.
pub async fn prove_phone(app: &App, mut draft: Draft, typed: &str, code: &str) -> Result<()> {
    let phone = Phone::parse(typed).map_err(|sentence| Error::invalid("phone", sentence))?;
    if draft.is_proven() && draft.data.proven == phone.as_str() {
        return Ok(());
    }
    let proof = codes::check(app, Purpose::Register, &draft.subject(&phone), code).await?;
    // Only now: how many accounts a phone serves is nobody's business but its owner's.
    let count = changes::count_by_phone(app, &mut *app.db.read().await?, &phone).await?;
    if count >= ACCOUNTS_PER_PHONE {
        return Err(phone_is_full());
    }
    phone.as_str().clone_into(&mut draft.data.phone);
    phone.as_str().clone_into(&mut draft.data.proven);
    let mut tx = app.db.begin().await?;
    codes::consume(app, &mut tx, proof).await?;
    save(app, &mut tx, &draft).await?;
    tx.commit().await?;
    Ok(())
}

/// The refusal of a fourth account for one phone.
pub(super) fn phone_is_full() -> Error {
    Error::invalid("phone", "这个手机号已用于 3 个账号，请换一个手机号。")
}

/// Step 3: writes the account, or tells the owner of the number. Both look the same from outside and cost the same time.
pub async fn finish(app: &App, draft: Draft, typed: &str, again: &str, client: &Client) -> Result<()> {
    let form = draft.data.person.clone().ok_or(Error::NotFound)?;
    let person = check_person(app, &form)?;
    let phone = Phone::parse(&draft.data.proven).map_err(|sentence| Error::invalid("phone", sentence))?;
    check_new_password(typed, again, &[person.number.text(), phone.as_str()])?;
    let password_hash = app.hash_password(typed.to_owned()).await?;

    let mut tx = app.db.begin().await?;
    if !drafts::delete(&mut tx, &draft.token_hash).await? {
        return Err(Error::refused("draft_gone", "这次注册已经提交过了，请直接登录。"));
    }
    // Two registrations with one phone at the same moment are counted one after the other.
    code_store::lock_gate(&mut tx, &app.keys.lookup(PHONE, phone.as_str())).await?;
    if changes::count_by_phone(app, &mut tx, &phone).await? >= ACCOUNTS_PER_PHONE {
        return Err(phone_is_full());
    }
    let row = NewRow {
        region: person.region,
        number: &person.number,
        name: &person.name,
        phone: &phone,
        password_hash,
        candidate_type: person.candidate_type,
        major: person.major,
    };
    match changes::insert(app, &mut tx, row).await? {
        Some(id) => welcome(app, &mut tx, id, person.consent, &client.address).await?,
        None => tell_owner(app, &mut tx, &person.number).await?,
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

async fn welcome(app: &App, tx: &mut Tx, account: i64, consent: i64, address: &str) -> Result<()> {
    let text = app.settings().consents.privacy_of(consent).ok_or_else(|| Error::internal("an edition that was agreed to"))?;
    consents::give(app, tx, account, ConsentKind::Privacy, text.version, &text.shown(), address).await?;
    let actor = Actor::Candidate { id: account, address: address.to_owned() };
    let entry = Entry { action: "account.register", subject_kind: "account", subject_id: account, detail: json!({}), actor: &actor };
    audit::write(tx, app.clock.now(), entry).await
}

async fn tell_owner(app: &App, tx: &mut Tx, number: &DocumentNumber) -> Result<()> {
    let Some(owner) = store::find_by_document(app, tx, number).await? else { return Ok(()) };
    let gate = app.keys.lookup("accounts.taken", &number.account_key());
    if !code_store::pass_gate(tx, &gate, app.clock.now(), TELL_OWNER_EVERY_S).await? || !outbox::is_open(app, Kind::State) {
        return Ok(());
    }
    let text = "有人用您的证件号码注册账号。您已有账号，请直接登录；忘记密码可在登录页重置。如非本人操作，请联系学校。";
    let values = [("title", "有人用您的证件号码注册账号"), ("text", text)];
    outbox::send(app, tx, New::notice(&owner.phone(&app.keys)?, Kind::State, owner.id, &values, text)).await
}

/// Checks a new password and its repetition; the problems are under `password` and `again`.
pub(super) fn check_new_password(typed: &str, again: &str, secrets: &[&str]) -> Result<()> {
    let mut problems = Problems::new();
    problems.take("password", password::check(typed, secrets));
    if problems.is_empty() && typed != again {
        problems.add("again", "两次输入的密码不一样，请重新输入。");
    }
    problems.into_result()
}

/// An account made without the three steps: specimens, tests.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NewAccount {
    pub person: Person,
    pub phone: Phone,
    pub password: String,
}

/// Writes an account at once; `None` when the number has one already.
pub async fn create(app: &App, new: NewAccount) -> Result<Option<i64>> {
    password::check(&new.password, &[new.person.number.text(), new.phone.as_str()]).map_err(|s| Error::invalid("password", s))?;
    let password_hash = app.hash_password(new.password).await?;
    let mut tx = app.db.begin().await?;
    let row = NewRow {
        region: new.person.region,
        number: &new.person.number,
        name: &new.person.name,
        phone: &new.phone,
        password_hash,
        candidate_type: new.person.candidate_type,
        major: new.person.major,
    };
    let id = changes::insert(app, &mut tx, row).await?;
    if let Some(id) = id {
        welcome(app, &mut tx, id, new.person.consent, "").await?;
    }
    tx.commit().await?;
    Ok(id)
}
