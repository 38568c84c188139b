//! What a candidate changes about themselves: name, type, major, phone, password, signed-in devices.

use serde_json::json;

use super::codes::{self, Ask, Purpose, Solution};
use super::outbox::{self, New};
use super::register::{self, ACCOUNTS_PER_PHONE, MAX_MAJOR_CHARS};
use super::sign_in;
use crate::accounts::store::{PHONE, changes, codes as code_store};
use crate::accounts::{CANDIDATE_TYPES, Candidate};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Problems, Result};
use crate::jobs;
use crate::pictures;
use crate::ports::sms::Kind as SmsKind;
use crate::types::{PersonName, Phone, line};
use crate::web::session::{self, Kind, Session};

/// 个人信息, as typed.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct InformationForm {
    pub name: String,
    pub candidate_type: String,
    pub major: String,
}

/// Changes name, type and major; `true` when the name changed, so that 实名认证 is needed again.
pub async fn change_information(app: &App, candidate: &Candidate, form: &InformationForm) -> Result<bool> {
    let mut problems = Problems::new();
    let name = problems.take("name", PersonName::parse(&form.name));
    let kept = candidate.account.candidate_type == form.candidate_type;
    // A word that has left the list may stay with who has it.
    let fits = kept || CANDIDATE_TYPES.contains(&form.candidate_type.as_str());
    if !fits {
        problems.add("candidate_type", "请选择考生类型。");
    }
    let major = problems.take("major", line(&form.major, MAX_MAJOR_CHARS, "请填写专业。", "专业不能超过 60 个字。"));
    let (Some(name), Some(major), true) = (name, major, fits) else { return Err(Error::Invalid(problems)) };

    let now = app.clock.now();
    let id = candidate.id();
    let renamed = name.as_str() != candidate.account.name;
    let mut tx = app.db.begin().await?;
    if renamed && let Some(exam) = app.name_bound_by(&mut tx, id).await? {
        return Err(Error::invalid("name", format!("您报名的“{exam}”已通过审核，考试结束前不能修改姓名。姓名有误的，请联系学校。")));
    }
    changes::set_studies(&mut tx, id, &form.candidate_type, &major).await?;
    app.studies_changed(&mut tx, id, &form.candidate_type, &major).await?;
    if renamed {
        let version = changes::set_name(&mut tx, id, name.as_str(), now).await?;
        if let Some(portrait) = candidate.account.portrait_picture {
            pictures::delete(app, &mut tx, portrait).await?;
        }
        let detail = json!({ "version": version, "real_name_was": candidate.account.real_name_state });
        audit::write(
            &mut tx,
            now,
            Entry { action: "account.rename", subject_kind: "account", subject_id: id, detail, actor: &candidate.actor() },
        )
        .await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(renamed)
}

fn subject(candidate: &Candidate, phone: &Phone) -> String {
    format!("{}\0{}", candidate.id(), phone.as_str())
}

fn new_phone(app: &App, candidate: &Candidate, typed: &str) -> Result<Phone> {
    let phone = Phone::parse(typed).map_err(|sentence| Error::invalid("phone", sentence))?;
    if candidate.account.phone(&app.keys)? == phone {
        return Err(Error::invalid("phone", "这就是现在的手机号，不需要更换。"));
    }
    Ok(phone)
}

/// Sends a code to the new phone.
pub async fn send_phone_code(app: &App, candidate: &Candidate, typed: &str, solution: &Solution<'_>) -> Result<()> {
    let phone = new_phone(app, candidate, typed)?;
    let subject = subject(candidate, &phone);
    let ask = Ask { purpose: Purpose::ChangePhone, subject: &subject, phone: Some(&phone) };
    codes::send(app, &ask, solution, &candidate.address).await
}

/// Changes the phone by the password and the code that went to it. The former phone hears of it.
pub async fn change_phone(app: &App, candidate: &Candidate, typed: &str, code: &str, password: &str) -> Result<()> {
    let phone = new_phone(app, candidate, typed)?;
    sign_in::require_password(app, candidate, password, "password").await?;
    let proof = codes::check(app, Purpose::ChangePhone, &subject(candidate, &phone), code).await?;
    let former = candidate.account.phone(&app.keys)?;
    let id = candidate.id();
    let mut tx = app.db.begin().await?;
    code_store::lock_gate(&mut tx, &app.keys.lookup(PHONE, phone.as_str())).await?;
    if changes::count_by_phone(app, &mut tx, &phone).await? >= ACCOUNTS_PER_PHONE {
        return Err(register::phone_is_full());
    }
    codes::consume(app, &mut tx, proof).await?;
    changes::set_phone(app, &mut tx, id, &phone).await?;
    let detail = json!({ "from": former.masked(), "to": phone.masked() });
    let actor = candidate.actor();
    audit::write(
        &mut tx,
        app.clock.now(),
        Entry { action: "account.change_phone", subject_kind: "account", subject_id: id, detail, actor: &actor },
    )
    .await?;
    let body = format!("您的手机号已更换为 {}。如非本人操作，请立即修改密码并联系学校。", phone.masked());
    jobs::notify(app, &mut tx, id, "手机号已更换", &body, "/me/information", false).await?;
    if outbox::is_open(app, SmsKind::State) {
        let (title, text) = ("手机号已更换", format!("手机号已更换。{body}"));
        let values = [("title", title), ("text", body.as_str())];
        outbox::send(app, &mut tx, New::notice(&former, SmsKind::State, id, &values, &text)).await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Changes the password; every other device signs in again.
pub async fn change_password(app: &App, candidate: &Candidate, former: &str, new: &str, again: &str) -> Result<()> {
    let account = &candidate.account;
    let (number, phone) = (account.document(&app.keys)?, account.phone(&app.keys)?);
    register::check_new_password(new, again, &[number.text(), phone.as_str()])?;
    sign_in::require_password(app, candidate, former, "former").await?;
    if former == new {
        return Err(Error::invalid("password", "新密码和原密码一样，请换一个。"));
    }
    let hash = app.hash_password(new.to_owned()).await?;
    let mut tx = app.db.begin().await?;
    changes::set_password(&mut tx, account.id, hash).await?;
    session::revoke_others(&mut tx, Kind::Candidate, account.id, candidate.session).await?;
    let actor = candidate.actor();
    let entry =
        Entry { action: "account.change_password", subject_kind: "account", subject_id: account.id, detail: json!({}), actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(())
}

/// The devices that are signed in, newest first.
pub async fn sessions(app: &App, candidate: &Candidate) -> Result<Vec<Session>> {
    session::list(&mut *app.db.read().await?, Kind::Candidate, candidate.id(), app.clock.now()).await
}

/// Ends one session; one that is not the candidate's own is not found.
pub async fn end_session(app: &App, candidate: &Candidate, id: i64) -> Result<()> {
    if !sessions(app, candidate).await?.iter().any(|session| session.id == id) {
        return Err(Error::NotFound);
    }
    let mut tx = app.db.begin().await?;
    session::revoke(&mut tx, Kind::Candidate, candidate.id(), id).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions but this one.
pub async fn end_other_sessions(app: &App, candidate: &Candidate) -> Result<()> {
    let mut tx = app.db.begin().await?;
    session::revoke_others(&mut tx, Kind::Candidate, candidate.id(), candidate.session).await?;
    tx.commit().await?;
    Ok(())
}
