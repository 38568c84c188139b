//! What staff do with accounts: find them, see them in full, correct a document number, change a phone. Seeing and changing leave a line in the audit.

use serde_json::json;

use super::register;
use crate::accounts::store::{self, Account, PHONE, changes, codes as code_store};
use crate::app::App;
use crate::audit::search::Filter;
use crate::audit::{self, Entry, Line};
use crate::db::is_unique_violation;
use crate::error::{Error, Problems, Result};
use crate::jobs;
use crate::pictures;
use crate::staff::{Permission, Staff};
use crate::types::{DocumentKind, Phone, Region, line};
use crate::web::session::{self, Kind};

/// Accounts on a page.
pub const PAGE: i64 = 50;
const MAX_REASON_CHARS: usize = 200;
/// Audit lines on an account's page.
const MAX_LINES: i64 = 50;

/// Newest accounts below `before` (a public reference), and the reference to go on below, when there are more.
pub async fn newest(app: &App, staff: &Staff, before: Option<&str>) -> Result<(Vec<Account>, Option<String>)> {
    staff.require(Permission::Candidates)?;
    let mut conn = app.db.read().await?;
    let below = match before {
        Some(reference) => store::find_by_ref(&mut conn, reference).await?.ok_or(Error::NotFound)?.id,
        None => i64::MAX,
    };
    let mut found = store::newest(&mut conn, below, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or(0);
    let more = found.len() > page;
    found.truncate(page);
    let next = found.last().filter(|_| more).map(|last| last.public_ref.clone());
    Ok((found, next))
}

/// Whom a staff member means (see [`super::search`]), and whether more fit than are returned.
pub async fn search(app: &App, staff: &Staff, typed: &str) -> Result<(Vec<Account>, bool)> {
    staff.require(Permission::Candidates)?;
    let mut found = super::search(app, &mut *app.db.read().await?, typed, PAGE + 1).await?;
    let is_cut = found.len() as i64 > PAGE;
    found.truncate(usize::try_from(PAGE).map_err(Error::internal)?);
    Ok((found, is_cut))
}

/// An account and what happened to it, newest first.
pub async fn show(app: &App, staff: &Staff, reference: &str) -> Result<(Account, Vec<Line>)> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut conn = app.db.read().await?;
    let account = super::find_by_ref(&mut conn, reference).await?;
    staff.require_in_one(&app.exams_of(&mut conn, account.id).await?, Permission::Candidates)?;
    let about = Filter { subject: Some(("account".into(), account.id)), ..Filter::default() };
    let lines = audit::search::find(&mut conn, &about, i64::MAX, MAX_LINES).await?;
    Ok((account, lines))
}

/// Notes that this staff member looks at the account in full.
pub async fn view_in_full(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut tx = app.db.begin().await?;
    let account = super::find_by_ref(&mut tx, reference).await?;
    staff.require_in_one(&app.exams_of(&mut tx, account.id).await?, Permission::Candidates)?;
    let actor = staff.actor();
    let entry = Entry { action: "account.view", subject_kind: "account", subject_id: account.id, detail: json!({}), actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(())
}

/// The account that is about to be corrected.
pub async fn to_correct(app: &App, staff: &Staff, reference: &str) -> Result<Account> {
    staff.require(Permission::Administer)?;
    super::find_by_ref(&mut *app.db.read().await?, reference).await
}

/// A correction, as typed.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct CorrectionForm {
    pub region: String,
    pub document_kind: String,
    pub number: String,
    pub reason: String,
}

/// A new phone, as typed.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct PhoneForm {
    pub phone: String,
    pub reason: String,
}

/// Changes the phone of somebody who has lost theirs and so cannot change it themselves. Every session ends, and the new phone hears of it.
pub async fn change_phone(app: &App, staff: &Staff, reference: &str, form: &PhoneForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut problems = Problems::new();
    let phone = problems.take("phone", Phone::parse(&form.phone));
    let reason = problems.take("reason", line(&form.reason, MAX_REASON_CHARS, "请填写更换的原因。", "原因不能超过 200 个字。"));
    let (Some(phone), Some(reason)) = (phone, reason) else { return Err(Error::Invalid(problems)) };
    let mut tx = app.db.begin().await?;
    let account = super::find_by_ref(&mut tx, reference).await?;
    let former = account.phone(&app.keys)?;
    if former == phone {
        return Err(Error::invalid("phone", "这就是现在的手机号，不需要更换。"));
    }
    code_store::lock_gate(&mut tx, &app.keys.lookup(PHONE, phone.as_str())).await?;
    if changes::count_by_phone(app, &mut tx, &phone).await? >= register::ACCOUNTS_PER_PHONE {
        return Err(register::phone_is_full());
    }
    changes::set_phone(app, &mut tx, account.id, &phone).await?;
    session::revoke_others(&mut tx, Kind::Candidate, account.id, 0).await?;
    let detail = json!({ "from": former.masked(), "to": phone.masked(), "reason": reason });
    let actor = staff.actor();
    let entry = Entry { action: "account.correct_phone", subject_kind: "account", subject_id: account.id, detail, actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let body =
        format!("学校已将您的手机号更换为 {}，请重新登录；忘记密码的，可以用新手机号重置。如非本人要求，请立即联系学校。", phone.masked());
    jobs::notify(app, &mut tx, account.id, "手机号已更换", &body, "/me/information", true).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Corrects an account's document. 实名认证 begins anew, every session ends, and the candidate hears of it.
pub async fn correct_number(app: &App, staff: &Staff, reference: &str, form: &CorrectionForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut problems = Problems::new();
    let region = problems.take("region", Region::parse(&form.region));
    let kind = problems.take("document_kind", DocumentKind::parse(&form.document_kind));
    if let (Some(region), Some(kind)) = (region, kind)
        && !region.documents().contains(&kind)
    {
        problems.add("document_kind", "这个地区没有这种证件，请重新选择。");
    }
    let number = kind.and_then(|kind| problems.take("number", register::check_number(app, kind, region, &form.number)));
    let reason = problems.take("reason", line(&form.reason, MAX_REASON_CHARS, "请填写更正的原因。", "原因不能超过 200 个字。"));
    let (Some(region), Some(number), Some(reason), true) = (region, number, reason, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let mut tx = app.db.begin().await?;
    let account = super::find_by_ref(&mut tx, reference).await?;
    let former = account.document(&app.keys)?;
    if former == number && account.region() == region {
        return Err(Error::invalid("number", "这就是现在的证件号码，不需要更正。"));
    }
    let taken = || Error::invalid("number", "这个证件号码已有另一个账号，请核对。");
    if store::find_by_document(app, &mut tx, &number).await?.is_some_and(|other| other.id != account.id) {
        return Err(taken());
    }
    if let Err(error) = changes::set_document(app, &mut tx, account.id, region, &number).await {
        return Err(match error {
            // Somebody registered it at this very moment.
            Error::Internal(cause) if cause.downcast_ref().is_some_and(is_unique_violation) => taken(),
            other => other,
        });
    }
    if let Some(portrait) = account.portrait_picture {
        pictures::delete(app, &mut tx, portrait).await?;
    }
    session::revoke_others(&mut tx, Kind::Candidate, account.id, 0).await?;
    let detail = json!({ "from": former.masked(), "from_kind": former.kind().code(), "to": number.masked(), "to_kind": number.kind().code(), "reason": reason });
    let actor = staff.actor();
    let entry = Entry { action: "account.correct_number", subject_kind: "account", subject_id: account.id, detail, actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let body = format!("学校已将您的证件号码更正为 {}，请用新号码登录，并重新进行实名认证。", number.masked());
    jobs::notify(app, &mut tx, account.id, "证件号码已更正", &body, "/me/information", true).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}
