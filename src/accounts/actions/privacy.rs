//! 隐私与授权: consents taken back, one's own data handed out, the account closed (PIPL Art. 15, 45, 47).

use serde_json::{Value, json};

use super::sign_in;
use crate::accounts::store::{changes, messages, outbox};
use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::jobs;
use crate::pictures::{self, Owner, kind_word};
use crate::settings::consents::Edition;
use crate::types::UnixMs;
use crate::web::session::{self, Kind};

/// Messages in an export.
const MAX_MESSAGES: i64 = 1000;

/// Pictures in its list: more than all limits together allow.
const MAX_PICTURES: i64 = 1000;

/// Takes a consent back. Without the privacy notice nothing works, so that one goes with the account.
pub async fn withdraw_consent(app: &App, candidate: &Candidate, kind: ConsentKind) -> Result<()> {
    if kind == ConsentKind::Privacy {
        return Err(Error::refused("privacy_is_needed", "不同意隐私政策就不能使用本系统。如不再使用，请注销账号。"));
    }
    let mut tx = app.db.begin().await?;
    consents::withdraw(app, &mut tx, candidate.id(), kind, &candidate.actor()).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// The edition of the privacy notice that a candidate has not agreed to yet, where it is another than theirs.
pub async fn new_notice(app: &App, conn: &mut Conn, candidate: &Candidate) -> Result<Option<Edition>> {
    let now = app.settings().consents.privacy();
    let held = consents::current(conn, candidate.id(), ConsentKind::Privacy).await?;
    Ok(Some(now).filter(|now| held.is_none_or(|held| held.version < now.version)))
}

/// Agrees to the privacy notice in the edition that was read.
pub async fn agree(app: &App, candidate: &Candidate, version: i64) -> Result<()> {
    let text = app.settings().consents.privacy();
    if text.version != version {
        return Err(Error::refused("newer_notice", "隐私政策刚刚又有更新，请重新阅读后再同意。"));
    }
    let mut tx = app.db.begin().await?;
    consents::give(app, &mut tx, candidate.id(), ConsentKind::Privacy, text.version, &text.shown(), &candidate.address).await?;
    tx.commit().await?;
    Ok(())
}

/// Everything that this system keeps about a candidate, in words. Of pictures it has a list: the pages show them.
pub async fn export(app: &App, candidate: &Candidate) -> Result<Value> {
    let account = &candidate.account;
    let id = account.id;
    let mut conn = app.db.read().await?;
    let names = changes::names(&mut conn, id).await?;
    let given = consents::list(&mut conn, id).await?;
    let letters = messages::list(&mut conn, id, i64::MAX, MAX_MESSAGES).await?;
    let devices = session::list(&mut conn, Kind::Candidate, id, app.clock.now()).await?;
    let pictures = pictures::of_owner(&mut conn, Owner::Candidate(id), MAX_PICTURES).await?;
    let further = app.own_data(&mut conn, id).await?;
    drop(conn);
    let when = |at: i64| UnixMs(at).words();
    let mut data = json!({
        "导出时间": app.clock.now().words(),
        "个人信息": {
            "姓名": account.name,
            "地区": account.region().word(),
            "证件类型": account.kind().word(),
            "证件号码": account.document(&app.keys)?.text(),
            "手机号": account.phone(&app.keys)?.as_str(),
            "考生类型": account.candidate_type,
            "专业": account.major,
            "实名认证": account.real_name().word(),
            "实名认证时间": account.verified_at.map(when),
            "注册时间": when(account.created_at),
        },
        "姓名记录": names.iter().map(|(name, since)| json!({ "姓名": name, "起始时间": when(*since) })).collect::<Vec<_>>(),
        "授权记录": given.iter().map(|c| json!({
            "内容": c.kind.word(), "版本": c.version, "同意时间": c.given_at.words(), "撤回时间": c.withdrawn_at.map(UnixMs::words),
        })).collect::<Vec<_>>(),
        "消息": letters.iter().map(|m| json!({ "时间": m.at_words(), "标题": m.title, "内容": m.body })).collect::<Vec<_>>(),
        "登录设备": devices.iter().map(|s| json!({ "登录时间": when(s.created_at), "网络地址": s.address, "浏览器": s.user_agent })).collect::<Vec<_>>(),
        "照片": pictures.iter().map(|(_, _, kind, at)| json!({ "内容": kind_word(kind), "上传时间": when(*at) })).collect::<Vec<_>>(),
    });
    if let Some(data) = data.as_object_mut() {
        data.extend(further);
    }
    let mut tx = app.db.begin().await?;
    let entry = Entry { action: "account.export", subject_kind: "account", subject_id: id, detail: json!({}), actor: &candidate.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(data)
}

/// Closes the account for good: what names the person is overwritten, pictures are deleted, the number can register again.
pub async fn close(app: &App, candidate: &Candidate, password: &str) -> Result<()> {
    sign_in::require_password(app, candidate, password, "password").await?;
    let id = candidate.id();
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(exam) = app.account_bound_by(&mut tx, id).await? {
        let sentence = format!("您已报名“{exam}”，考试结束前不能注销账号。如不参加，请先在报名时间内撤回报名，或联系学校。");
        return Err(Error::refused("registered", sentence));
    }
    let actor = candidate.actor();
    for kind in ConsentKind::ALL {
        consents::withdraw(app, &mut tx, id, kind, &actor).await?;
    }
    messages::delete_all(&mut tx, id).await?;
    outbox::delete_all(&mut tx, id).await?;
    jobs::forget_messages(&mut tx, id).await?;
    session::revoke_others(&mut tx, Kind::Candidate, id, 0).await?;
    changes::close(app, &mut tx, id).await?;
    app.forget_person(&mut tx, id).await?;
    pictures::delete_all(app, &mut tx, Owner::Candidate(id)).await?;
    let entry = Entry { action: "account.close", subject_kind: "account", subject_id: id, detail: json!({}), actor: &actor };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}
