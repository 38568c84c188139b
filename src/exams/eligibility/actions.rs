//! Setting the limits of an exam, and holding a candidate against them.

use jiff::civil::Date;
use serde_json::json;

use super::{Eligibility, Facts, MAX_MAJORS, store};
use crate::accounts::CANDIDATE_TYPES;
use crate::accounts::actions::register::MAX_MAJOR_CHARS;
use crate::accounts::store::Account;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Problems, Result};
use crate::exams::actions::{By, log};
use crate::exams::{self, ExamState};
use crate::rosters;
use crate::types::same_name;

/// The limits as typed.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the labels of the form")]
pub struct Typed {
    /// Public reference of a roster, or "".
    pub roster: String,
    pub candidate_types: Vec<String>,
    /// One a line.
    pub majors: String,
    pub born_from: String,
    pub born_until: String,
}

fn read(typed: &Typed) -> Result<Eligibility> {
    let mut p = Problems::new();
    let candidate_types: Vec<&str> =
        CANDIDATE_TYPES.into_iter().filter(|one| typed.candidate_types.iter().any(|chosen| chosen == one)).collect();
    let mut majors: Vec<&str> = Vec::new();
    for major in typed.majors.lines().map(str::trim).filter(|major| !major.is_empty()) {
        if !majors.contains(&major) {
            majors.push(major);
        }
    }
    if majors.len() > MAX_MAJORS
        || majors.iter().any(|major| major.chars().count() > MAX_MAJOR_CHARS || major.chars().any(char::is_control))
    {
        p.add("majors", "最多 200 个专业，每行一个，每个不超过 60 字。");
    }
    let mut day = |field: &'static str, text: &str| match text.trim() {
        "" => String::new(),
        text => match text.parse::<Date>() {
            Ok(day) if (1900..=2999).contains(&day.year()) => day.to_string(),
            _ => {
                p.add(field, "请填写日期，例如 1990-01-31，或留空。");
                String::new()
            }
        },
    };
    let (born_from, born_until) = (day("born_from", &typed.born_from), day("born_until", &typed.born_until));
    if !born_from.is_empty() && !born_until.is_empty() && born_until < born_from {
        p.add("born_until", "不能早于前一个日期。");
    }
    p.into_result()?;
    Ok(Eligibility { roster: None, candidate_types: candidate_types.join("\n"), majors: majors.join("\n"), born_from, born_until })
}

/// Sets the limits. Who has registered already stays registered, but hands nothing more in that the limits forbid.
pub async fn set(app: &App, by: By<'_>, reference: &str, typed: &Typed) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let exam = exams::store::hold(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    if exam.state() == ExamState::Archived {
        return Err(Error::refused("archived", "这场考试已经归档，不能再修改。请先取消归档。"));
    }
    let mut limits = read(typed)?;
    let mut roster_name = String::new();
    if !typed.roster.is_empty() {
        let roster = match rosters::store::find_by_ref(&mut tx, &typed.roster).await {
            Err(Error::NotFound) => return Err(Error::invalid("roster", "这个学籍库已经删除，请重新选择。")),
            found => found?,
        };
        // Held, so that it is not removed meanwhile.
        rosters::store::hold(&mut tx, roster.id).await?;
        (limits.roster, roster_name) = (Some(roster.id), roster.name);
    }
    let before = store::find(&mut tx, exam.id).await?;
    if before != limits {
        store::set(&mut tx, exam.id, &limits).await?;
        log(
            app,
            &mut tx,
            "exam.eligibility",
            &exam,
            json!({ "before": before.words(), "after": limits.words(), "roster": roster_name }),
            &actor,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Why a candidate may not register for an exam; `None` where nothing speaks against it.
pub async fn why_not(app: &App, conn: &mut Conn, exam: i64, account: &Account) -> Result<Option<String>> {
    let limits = store::find(conn, exam).await?;
    if limits.is_open() {
        return Ok(None);
    }
    let number = account.document(&app.keys)?;
    let mut facts = Facts { candidate_type: account.candidate_type.clone(), major: account.major.clone(), birth: number.birth() };
    if let Some(roster) = limits.roster {
        let missing = || Ok(Some("这场考试限学校名单中的考生报名，名单中没有您的证件号码。如有疑问请联系学校核对。".to_owned()));
        let Some(current) = rosters::store::find(conn, roster).await?.current else { return missing() };
        let Some(entry) = rosters::store::entries::of_number(app, conn, current, &number).await? else { return missing() };
        if !same_name(&entry.name, &account.name) {
            return Ok(Some("学校名单中您的证件号码登记的是另一个姓名，请联系学校核对。".to_owned()));
        }
        for (own, listed) in [(&mut facts.candidate_type, entry.candidate_type), (&mut facts.major, entry.major)] {
            if !listed.is_empty() {
                *own = listed;
            }
        }
    }
    Ok(limits.against(&facts))
}

/// Refuses whom the limits keep out.
pub async fn require(app: &App, conn: &mut Conn, exam: i64, account: &Account) -> Result<()> {
    match why_not(app, conn, exam, account).await? {
        None => Ok(()),
        Some(why) => Err(Error::refused("not_eligible", why)),
    }
}
