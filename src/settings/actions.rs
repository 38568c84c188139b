//! Changing settings. Each change is one transaction with its audit line, which says what was before and after, and of a secret only that it changed.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::cache::{SECRET, reload};
use super::form::{self, GeneralForm, ServiceForm, SmsForm};
use super::review::{self, ReviewForm};
use super::{Service, store};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::pictures::{self, Owner, PictureKind};
use crate::ports::sms::{Kind, Outcome, Outgoing};
use crate::staff::{Permission, Staff};
use crate::types::Phone;
use crate::web::throttle::{self, Limit};

/// A test costs money.
const TESTS: Limit = Limit { count: 20, window_s: 3600, lock_s: 600 };

/// Titles that are named before something is deleted.
const EXAMS_NAMED: usize = 5;

/// What differs, by field: before and after.
fn changes<T: Serialize>(before: &T, after: &T) -> Result<Map<String, Value>> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Ok(Map::new()) };
    let differ = after.into_iter().filter_map(|(name, value)| {
        let earlier = before.get(&name).cloned().unwrap_or_default();
        (earlier != value).then(|| (name, json!([earlier, value])))
    });
    Ok(differ.collect())
}

struct Change<'a, T> {
    group: &'static str,
    before: &'a T,
    after: &'a T,
    /// A new one.
    secret: Option<String>,
}

async fn save<T: Serialize>(app: &App, staff: &Staff, change: Change<'_, T>) -> Result<()> {
    let mut detail = changes(change.before, change.after)?;
    if change.secret.is_some() {
        detail.insert("secret".into(), json!("changed"));
    }
    if detail.is_empty() {
        return Ok(());
    }
    detail.insert("group".into(), json!(change.group));
    let sealed = change.secret.map(|secret| app.keys.seal_text(SECRET, &secret)).transpose()?;
    let value = serde_json::to_string(change.after)?;
    let mut tx = app.db.begin().await?;
    let version = store::grow(&mut tx).await?;
    store::put(&mut tx, change.group, &value, sealed).await?;
    let entry = Entry {
        action: "settings.change",
        subject_kind: "settings",
        subject_id: version,
        detail: Value::Object(detail),
        actor: &staff.actor(),
    };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    reload(app).await
}

/// Saves name, phone and colours.
pub async fn save_general(app: &App, staff: &Staff, typed: &GeneralForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    // What another process changed a moment ago stays.
    reload(app).await?;
    let before = app.settings().general.clone();
    let after = form::general(typed, &before)?;
    save(app, staff, Change { group: "general", before: &before, after: &after, secret: None }).await
}

/// Saves how SMS are sent.
pub async fn save_sms(app: &App, staff: &Staff, typed: &SmsForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    reload(app).await?;
    let now = app.settings();
    // Another provider's secret is of no use.
    let has_secret = now.has_sms_secret && now.sms.provider == typed.provider.trim();
    let (after, secret) = form::sms(typed, has_secret)?;
    let secret = if after.provider != now.sms.provider { Some(secret.unwrap_or_default()) } else { secret };
    save(app, staff, Change { group: "sms", before: &now.sms, after: &after, secret }).await
}

/// What a shorter time for pictures means; asked before it is saved.
#[derive(Clone, Debug, Default)]
pub struct Meaning {
    /// A sentence each.
    pub list: Vec<String>,
    /// Tells this meaning from any other, however many people it is for: they come and go while somebody reads.
    pub mark: String,
}

/// What is deleted within the hour after this change; `None` where pictures are kept as long as before, or where none are of an age to go.
async fn meaning(app: &App, before: &Service, after: &Service) -> Result<Option<Meaning>> {
    let (was, days) = (before.pictures_days, after.pictures_days);
    if days == 0 || (was > 0 && days >= was) {
        return Ok(None);
    }
    let (exams, people, has_others) = app.pictures_due(&mut *app.db.read().await?, days).await?;
    if people == 0 {
        return Ok(None);
    }
    let was = if was == 0 { "不自动删除".to_owned() } else { format!(" {was} 天") };
    let mut list = vec![format!("保存期限由{was}改为 {days} 天，一小时内会删除约 {people} 人的照片，删了不能恢复。")];
    if !exams.is_empty() {
        let named: Vec<String> = exams.iter().take(EXAMS_NAMED).map(|title| format!("“{title}”")).collect();
        let more = if exams.len() > EXAMS_NAMED { "等" } else { "" };
        list.push(format!("到期的考试有 {} 场：{}{more}。", exams.len(), named.join("、")));
    }
    if has_others {
        list.push(format!("没有报名考试、最近一次上传已满 {days} 天的账号，照片也一起删除。"));
    }
    Ok(Some(Meaning { list, mark: format!("{days} {}", exams.join(" ")) }))
}

/// Saves maintenance, retention and defaults. A shorter time that deletes something at once has to be `agreed` to: returns what it deletes, and saves nothing,
/// where that was not seen yet.
pub async fn save_service(app: &App, staff: &Staff, typed: &ServiceForm, agreed: &str) -> Result<Option<Meaning>> {
    staff.require(Permission::Administer)?;
    reload(app).await?;
    let before = app.settings().service.clone();
    let after = form::service(typed)?;
    if let Some(meaning) = meaning(app, &before, &after).await?.filter(|meaning| meaning.mark != agreed) {
        return Ok(Some(meaning));
    }
    save(app, staff, Change { group: "service", before: &before, after: &after, secret: None }).await?;
    Ok(None)
}

/// Saves how cases are reviewed.
pub async fn save_review(app: &App, staff: &Staff, typed: &ReviewForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    reload(app).await?;
    let before = app.settings().review.clone();
    let after = review::parse(typed)?;
    save(app, staff, Change { group: "review", before: &before, after: &after, secret: None }).await
}

/// Puts a logo in place of an earlier one; `None` takes it away.
pub async fn set_logo(app: &App, staff: &Staff, bytes: Option<Vec<u8>>) -> Result<()> {
    staff.require(Permission::Administer)?;
    reload(app).await?;
    let before = app.settings().general.clone();
    let mut after = before.clone();
    (after.logo, after.logo_ref) = (None, String::new());
    if let Some(bytes) = bytes {
        let bytes = pictures::admit("logo", bytes).await?;
        if !matches!(pictures::check(&bytes)?, "image/png" | "image/jpeg") {
            return Err(Error::invalid("logo", "校徽请用 PNG 或 JPG 格式的图片。"));
        }
        let stored = pictures::put(app, &bytes).await?;
        let mut tx = app.db.begin().await?;
        let id = pictures::record(app, &mut tx, Owner::School, PictureKind::Logo, stored).await?;
        after.logo_ref = pictures::find(&mut tx, id).await?.ref_;
        after.logo = Some(id);
        tx.commit().await?;
    }
    save(app, staff, Change { group: "general", before: &before, after: &after, secret: None }).await?;
    if let Some(earlier) = before.logo {
        let mut tx = app.db.begin().await?;
        pictures::delete(app, &mut tx, earlier).await?;
        tx.commit().await?;
        app.wake();
    }
    Ok(())
}

/// Sends one SMS of a kind to a phone now, past every queue; returns the provider's answer in words.
pub async fn test_sms(app: &App, staff: &Staff, phone: &str, kind: &str) -> Result<String> {
    staff.require(Permission::Administer)?;
    let phone = Phone::parse(phone).map_err(|sentence| Error::invalid("phone", sentence))?;
    let kind = Kind::parse(kind).ok_or_else(|| Error::invalid("kind", "请选择要测试的短信。"))?;
    let settings = app.settings();
    if !settings.sends(kind) {
        return Err(Error::invalid("kind", "这类短信现在发不出去：请先选择服务商并填写这类短信的模板编号，保存后再测试。"));
    }
    throttle::count(app, &format!("sms-test:{}", staff.id), TESTS).await?;
    let now = app.clock.now();
    let text = format!("【{}】这是一条测试短信。", settings.school());
    let values = [
        ("code", "123456"),
        ("purpose", "测试"),
        ("minutes", "5"),
        ("title", "测试"),
        ("text", "这是一条测试短信"),
        ("school", settings.school()),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let sms = Outgoing { id: app.ids.make(now), phone, kind, text, values };
    let outcome = settings.provider.send(&app.http, now, &app.keys.token()?, &sms).await;
    let (word, sentence) = match &outcome {
        Outcome::Sent(_) => ("sent", "短信服务商已接受，请查看手机是否收到。".to_owned()),
        Outcome::Refused(why) | Outcome::Later(why) | Outcome::Unknown(why) => ("failed", why.sentence()),
    };
    let detail = json!({ "provider": settings.provider.code(), "kind": kind.code(), "phone": sms.phone.masked(), "outcome": word });
    let mut tx = app.db.begin().await?;
    let entry =
        Entry { action: "settings.test_sms", subject_kind: "settings", subject_id: settings.version, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    if word == "sent" { Ok(sentence) } else { Err(Error::invalid("phone", sentence)) }
}
