//! What an administrator does with the accounts and roles of others. Nobody changes their own, and an administrator of everything always remains.

use std::collections::HashMap;

use serde_json::json;

use super::super::guard::Own;
use super::super::password as rules;
use super::super::store::passkeys::{self, Passkey};
use super::super::store::{self, Held, RoleRow, StaffRow, second as second_store};
use super::super::{Permission, Role, Staff};
use super::{insert, login_key, note, read_login, read_name, second};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::sha256;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::types::{Permissions, line};
use crate::web::client::Client;
use crate::web::session::{self, Kind, Session};
use crate::web::throttle;

/// A link works so long.
const LINK_S: i64 = 3 * 86_400;
/// Accounts on a page; a school has some dozens.
pub const PAGE: i64 = 100;
const MAX_ROLES: usize = 50;
const MAX_GRANTS: usize = 500;
/// Who may look at staff accounts.
const LOOK: Permissions = Permissions::of(&[Permission::Administer, Permission::Audit]);

/// An account with its roles.
#[derive(Clone, Debug)]
pub struct Member {
    /// The account.
    pub row: StaffRow,
    /// Its roles.
    pub held: Vec<Held>,
}

/// A page of accounts by login name, after this one ("": from the first).
pub async fn list(app: &App, staff: &Staff, after: &str) -> Result<Vec<Member>> {
    staff.require(LOOK)?;
    let mut conn = app.db.read().await?;
    let mut members = Vec::new();
    for row in store::list(&mut conn, after, PAGE).await? {
        members.push(Member { held: store::grants(&mut conn, row.id).await?, row });
    }
    Ok(members)
}

/// One account with its sessions, its passkeys and how many recovery codes are left.
pub async fn show(app: &App, staff: &Staff, login: &str) -> Result<(Member, Vec<Session>, Vec<Passkey>, i64)> {
    staff.require(LOOK)?;
    let mut conn = app.db.read().await?;
    let row = store::find_by_login(&mut conn, login).await?.ok_or(Error::NotFound)?;
    let sessions = session::list(&mut conn, Kind::Staff, row.id, app.clock.now()).await?;
    let passkeys = passkeys::list(&mut conn, row.id).await?;
    let left = second_store::recovery_left(&mut conn, row.id).await?;
    Ok((Member { held: store::grants(&mut conn, row.id).await?, row }, sessions, passkeys, left))
}

/// Every role.
pub async fn roles(app: &App, staff: &Staff) -> Result<Vec<RoleRow>> {
    staff.require(LOOK)?;
    store::roles(&mut *app.db.read().await?).await
}

/// Of each role, how many who may sign in hold it and have neither codes nor a passkey; a role that is missing has nobody.
pub async fn without_second(app: &App, staff: &Staff) -> Result<HashMap<String, i64>> {
    staff.require(LOOK)?;
    Ok(second_store::without(&mut *app.db.read().await?).await?.into_iter().collect())
}

/// Another's account, to be changed.
async fn other(tx: &mut Tx, staff: &Staff, login: &str) -> Result<StaffRow> {
    staff.require(Permission::Administer)?;
    let row = store::find_by_login(tx, login).await?.ok_or(Error::NotFound)?;
    if row.id == staff.id {
        return Err(Error::refused("own_account", "不能修改自己的权限和状态，请由另一位技术管理员办理。"));
    }
    Ok(row)
}

/// Fails where nobody would be left who may administer everything. After the audit line: its lock puts two changes at once into an order.
async fn keep_an_administrator(conn: &mut Conn) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows = store::list(conn, &after, PAGE).await?;
        for row in rows.iter().filter(|row| row.disabled_at.is_none() && !row.is_invited()) {
            let held = store::grants(conn, row.id).await?;
            if held.iter().map(Held::grant).any(|grant| grant.exam.is_none() && grant.permissions.has(Permission::Administer)) {
                return Ok(());
            }
        }
        match rows.last() {
            Some(last) => after = last.login.clone(),
            None => return Err(Error::refused("last_administrator", "至少要保留一位可用的技术管理员，这一步没有执行。")),
        }
    }
}

/// Roles as the form sends them: `registrar:all`, or `registrar:` and the public reference of an exam.
async fn write_grants(app: &App, tx: &mut Tx, staff: i64, typed: &[String]) -> Result<Vec<String>> {
    let wrong = || Error::invalid("grant", "所选角色或考试已不存在，请刷新页面后重新选择。");
    if typed.len() > MAX_GRANTS {
        return Err(wrong());
    }
    let roles = store::roles(tx).await?;
    let mut words = Vec::new();
    for one in typed {
        let (code, place) = one.split_once(':').ok_or_else(wrong)?;
        let role = roles.iter().find(|role| role.code == code).ok_or_else(wrong)?;
        let is_all = place == "all";
        // For every exam: what else was ticked says no more.
        if !is_all && typed.iter().any(|other| *other == format!("{code}:all")) {
            continue;
        }
        let exam = if is_all { 0 } else { app.exam_of_ref(tx, place).await?.ok_or_else(wrong)? };
        store::grant(tx, staff, code, exam).await?;
        words.push(format!("{}:{place}", role.name));
    }
    words.sort();
    Ok(words)
}

async fn new_link(app: &App, tx: &mut Tx, id: i64) -> Result<String> {
    let token = app.keys.token()?;
    store::invite(tx, id, sha256(token.as_bytes()), app.clock.now().plus_s(LINK_S).0).await?;
    Ok(format!("{}/console/invite/{token}", app.config.public_url))
}

/// Invites somebody: makes the account with its roles; returns the link by which they set name and password. It is shown once and kept nowhere.
pub async fn invite(app: &App, staff: &Staff, login: &str, grants: &[String]) -> Result<String> {
    staff.require(Permission::Administer)?;
    let login = read_login(login)?;
    if grants.is_empty() {
        return Err(Error::invalid("grant", "请至少选择一个角色，否则对方登录后什么也看不到。"));
    }
    let row = StaffRow {
        id: app.ids.make(app.clock.now()),
        name: login.clone(),
        login,
        password: String::new(),
        disabled_at: None,
        invite_until: 0,
        totp_enc: None,
    };
    let mut tx = app.db.begin().await?;
    insert(app, &mut tx, &row).await?;
    let roles = write_grants(app, &mut tx, row.id, grants).await?;
    let link = new_link(app, &mut tx, row.id).await?;
    note(app, &mut tx, "staff.invite", row.id, json!({ "login": row.login, "roles": roles }), &staff.actor()).await?;
    tx.commit().await?;
    Ok(link)
}

/// A new link for an account: for an invitation that ran out, or a forgotten password. The earlier link dies.
pub async fn renew_link(app: &App, staff: &Staff, login: &str) -> Result<String> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let row = other(&mut tx, staff, login).await?;
    if row.disabled_at.is_some() {
        return Err(Error::refused("locked", "这个账号已停用，请先恢复使用。"));
    }
    let link = new_link(app, &mut tx, row.id).await?;
    note(app, &mut tx, "staff.link", row.id, json!({ "login": row.login }), &staff.actor()).await?;
    tx.commit().await?;
    Ok(link)
}

/// Whose link this is.
pub async fn invited(app: &App, token: &str) -> Result<StaffRow> {
    let now = app.clock.now().0;
    let row = store::find_invited(&mut *app.db.read().await?, sha256(token.as_bytes()), now).await?;
    row.filter(|row| row.disabled_at.is_none())
        .ok_or_else(|| Error::refused("link_used", "这个链接已经用过或已过期，请联系技术管理员重新发送。"))
}

/// Sets name and password by the link, once. Sessions that were open end.
pub async fn join(app: &App, token: &str, name: &str, password: &str, client: &Client) -> Result<()> {
    let row = invited(app, token).await?;
    let name = read_name(name)?;
    rules::check(password, &row.login).map_err(|sentence| Error::invalid("password", sentence))?;
    let hash = app.hash_password(password.to_owned()).await?;
    let mut tx = app.db.begin().await?;
    if !store::accept(&mut tx, sha256(token.as_bytes()), app.clock.now().0, &name, &hash).await? {
        return Err(Error::refused("link_used", "这个链接已经用过或已过期，请联系技术管理员重新发送。"));
    }
    session::revoke_others(&mut tx, Kind::Staff, row.id, 0).await?;
    // Whoever was locked out by the former password comes in with this one at once.
    throttle::forget(&mut tx, &login_key(&row.login)).await?;
    let actor = Actor::Staff { id: row.id, name: name.clone(), address: client.address.clone() };
    note(app, &mut tx, "staff.join", row.id, json!({ "name": { "before": row.name, "after": name } }), &actor).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives another these roles in place of the present ones.
pub async fn set_grants(app: &App, staff: &Staff, login: &str, grants: &[String]) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let row = other(&mut tx, staff, login).await?;
    let mut before = Vec::new();
    for held in store::grants(&mut tx, row.id).await? {
        before.push(if held.exam == 0 {
            format!("{}:all", held.name)
        } else {
            format!("{}:{}", held.name, app.ref_of_exam(&mut tx, held.exam).await?)
        });
    }
    before.sort();
    store::revoke(&mut tx, row.id).await?;
    let after = write_grants(app, &mut tx, row.id, grants).await?;
    note(app, &mut tx, "staff.roles", row.id, json!({ "login": row.login, "before": before, "after": after }), &staff.actor()).await?;
    keep_an_administrator(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Locks another's account, whose sessions end, or unlocks it.
pub async fn set_locked(app: &App, staff: &Staff, login: &str, is_locked: bool) -> Result<()> {
    staff.require(Permission::Administer)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let row = other(&mut tx, staff, login).await?;
    store::set_disabled(&mut tx, row.id, is_locked.then_some(now.0)).await?;
    if is_locked {
        session::revoke_others(&mut tx, Kind::Staff, row.id, 0).await?;
    }
    let action = if is_locked { "staff.lock" } else { "staff.unlock" };
    note(app, &mut tx, action, row.id, json!({ "login": row.login }), &staff.actor()).await?;
    keep_an_administrator(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends every session of another.
pub async fn end_sessions(app: &App, staff: &Staff, login: &str) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let row = other(&mut tx, staff, login).await?;
    session::revoke_others(&mut tx, Kind::Staff, row.id, 0).await?;
    note(app, &mut tx, "staff.end_sessions", row.id, json!({ "login": row.login }), &staff.actor()).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes another's codes and passkeys away, for somebody who lost phone and recovery codes, or a device. Their sessions end.
pub async fn reset_second(app: &App, staff: &Staff, login: &str) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let row = other(&mut tx, staff, login).await?;
    session::revoke_others(&mut tx, Kind::Staff, row.id, 0).await?;
    let names: Vec<String> = passkeys::list(&mut tx, row.id).await?.into_iter().map(|passkey| passkey.name).collect();
    passkeys::clear(&mut tx, row.id).await?;
    let detail = json!({ "login": row.login, "passkeys": names });
    second::clear(app, &mut tx, row.id, "staff.reset_second", detail, &staff.actor()).await?;
    tx.commit().await?;
    Ok(())
}

async fn note_role(app: &App, tx: &mut Tx, staff: &Staff, action: &'static str, detail: serde_json::Value) -> Result<()> {
    let entry = Entry { action, subject_kind: "role", subject_id: 0, detail, actor: &staff.actor() };
    audit::write(tx, app.clock.now(), entry).await
}

fn read_permissions(typed: &[String]) -> Result<Permissions> {
    let all = Permissions::parse(&typed.join(","));
    if all == Permissions::default() { Err(Error::invalid("permission", "请至少选择一项权限。")) } else { Ok(all) }
}

/// Makes a role of the school's own.
pub async fn create_role(app: &App, staff: &Staff, name: &str, permissions: &[String], needs_second: bool) -> Result<()> {
    staff.require(Permission::Administer)?;
    let name = line(name, 20, "请填写角色名称。", "角色名称不能超过 20 个字。").map_err(|s| Error::invalid("name", s))?;
    let permissions = read_permissions(permissions)?;
    let mut tx = app.db.begin().await?;
    if store::roles(&mut tx).await?.len() >= MAX_ROLES {
        return Err(Error::invalid("name", "最多 50 个角色，请先删除不用的角色。"));
    }
    let role = RoleRow {
        code: format!("own-{}", app.keys.reference(8)?.to_lowercase()),
        name,
        permissions: permissions.codes(),
        built_in: 0,
        second_factor: needs_second.into(),
    };
    if !store::insert_role(&mut tx, &role).await? {
        return Err(Error::invalid("name", "已有同名角色，请换一个名称。"));
    }
    let detail = json!({ "role": role.name, "permissions": role.permissions, "second_factor": needs_second });
    note_role(app, &mut tx, staff, "role.create", detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes what a role may do (the school's own ones) and whether it takes a second factor (any). Returns its name.
pub async fn edit_role(app: &App, staff: &Staff, code: &str, permissions: &[String], needs_second: bool) -> Result<String> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let before = store::roles(&mut tx).await?.into_iter().find(|role| role.code == code).ok_or(Error::NotFound)?;
    let mut after = before.clone();
    after.second_factor = needs_second.into();
    if Role::parse(code).is_none() {
        after.permissions = read_permissions(permissions)?.codes();
        let is_own = store::grants(&mut tx, staff.id).await?.iter().any(|held| held.role == code);
        if is_own && !after.may().is_within(before.may()) {
            return Err(Error::refused("own_account", "不能给自己的角色增加权限，请由另一位技术管理员办理。"));
        }
    }
    store::update_role(&mut tx, &after).await?;
    let detail = json!({
        "role": after.name,
        "permissions": { "before": before.permissions, "after": after.permissions },
        "second_factor": { "before": before.needs_second(), "after": needs_second },
    });
    note_role(app, &mut tx, staff, "role.edit", detail).await?;
    keep_an_administrator(&mut tx).await?;
    tx.commit().await?;
    Ok(after.name)
}

/// Removes a role of the school's own that nobody holds.
pub async fn delete_role(app: &App, staff: &Staff, code: &str) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    let role = store::roles(&mut tx).await?.into_iter().find(|role| role.code == code).ok_or(Error::NotFound)?;
    if !store::delete_role(&mut tx, code).await? {
        return Err(Error::refused("role_in_use", "内置角色和还有人使用的角色不能删除。"));
    }
    note_role(app, &mut tx, staff, "role.delete", json!({ "role": role.name, "permissions": role.permissions })).await?;
    tx.commit().await?;
    Ok(())
}

/// The own roles in words.
pub async fn own_roles(app: &App, own: &Own) -> Result<String> {
    let held = store::grants(&mut *app.db.read().await?, own.0.id).await?;
    Ok(words_of(&held))
}

/// How many of the own recovery codes are left.
pub async fn own_recovery_left(app: &App, own: &Own) -> Result<i64> {
    second_store::recovery_left(&mut *app.db.read().await?, own.0.id).await
}

/// `教务，审核（2 场考试）`.
pub fn words_of(held: &[Held]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut names: Vec<&str> = held.iter().map(|held| held.name.as_str()).collect();
    names.dedup();
    for name in names {
        let of_role = held.iter().filter(|held| held.name == name);
        let is_all = of_role.clone().any(|held| held.exam == 0);
        words.push(if is_all { name.to_owned() } else { format!("{name}（{} 场考试）", of_role.count()) });
    }
    if words.is_empty() { "没有角色".into() } else { words.join("，") }
}
