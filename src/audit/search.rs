//! Reading the audit: newest lines first, by keyset. Each way of narrowing it down has its index; what is asked beside it only filters.

use super::Line;
use crate::db::Conn;
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kind and row id of who acts; `None`: anybody.
    pub actor: Option<(String, i64)>,
    /// Code of the action; "": any.
    pub action: String,
    /// Kind and row id of the subject; `None`: any.
    pub subject: Option<(String, i64)>,
    /// Not before.
    pub since: Option<UnixMs>,
    /// Before.
    pub until: Option<UnixMs>,
}

/// The lines that fit, newest first, below `before` (exclusive), at most `limit`.
pub async fn find(conn: &mut Conn, filter: &Filter, before: i64, limit: i64) -> Result<Vec<Line>> {
    let (since, until) = (filter.since.map_or(i64::MIN, |at| at.0), filter.until.map_or(i64::MAX, |at| at.0));
    // Times grow with the sequence, so a day is a range of it; the exact time is compared as well.
    let first: Option<(i64,)> = match filter.since {
        Some(at) => {
            sqlx::query_as(sql!("select seq from audit where at >= $1 order by at, seq limit 1"))
                .bind(at.0)
                .fetch_optional(&mut *conn)
                .await?
        }
        None => Some((0,)),
    };
    let last: Option<(i64,)> = match filter.until {
        Some(at) => {
            sqlx::query_as(sql!("select seq from audit where at < $1 order by at desc, seq desc limit 1"))
                .bind(at.0)
                .fetch_optional(&mut *conn)
                .await?
        }
        None => Some((i64::MAX - 1,)),
    };
    let (Some((first,)), Some((last,))) = (first, last) else { return Ok(Vec::new()) };
    let below = before.min(last + 1);
    let (actor_kind, actor) = filter.actor.clone().unwrap_or_default();
    let (subject_kind, subject) = filter.subject.clone().unwrap_or_default();
    let lines = if filter.subject.is_some() {
        sqlx::query_as(sql!(
            "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit
             where subject_kind = $1 and subject_id = $2 and seq < $3 and seq >= $4 and at >= $5 and at < $6 and ($7 = '' or action = $7)
                   and ($8 = '' or actor_kind = $8 and actor_id = $9) order by seq desc limit $10"
        ))
        .bind(subject_kind)
        .bind(subject)
        .bind(below)
        .bind(first)
        .bind(since)
        .bind(until)
        .bind(filter.action.clone())
        .bind(actor_kind)
        .bind(actor)
        .bind(limit)
        .fetch_all(conn)
        .await?
    } else if filter.actor.is_some() {
        sqlx::query_as(sql!(
            "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit
             where actor_kind = $1 and actor_id = $2 and seq < $3 and seq >= $4 and at >= $5 and at < $6 and ($7 = '' or action = $7)
             order by seq desc limit $8"
        ))
        .bind(actor_kind)
        .bind(actor)
        .bind(below)
        .bind(first)
        .bind(since)
        .bind(until)
        .bind(filter.action.clone())
        .bind(limit)
        .fetch_all(conn)
        .await?
    } else if !filter.action.is_empty() {
        sqlx::query_as(sql!(
            "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit
             where action = $1 and seq < $2 and seq >= $3 and at >= $4 and at < $5 order by seq desc limit $6"
        ))
        .bind(filter.action.clone())
        .bind(below)
        .bind(first)
        .bind(since)
        .bind(until)
        .bind(limit)
        .fetch_all(conn)
        .await?
    } else {
        sqlx::query_as(sql!(
            "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit
             where seq < $1 and seq >= $2 and at >= $3 and at < $4 order by seq desc limit $5"
        ))
        .bind(below)
        .bind(first)
        .bind(since)
        .bind(until)
        .bind(limit)
        .fetch_all(conn)
        .await?
    };
    Ok(lines)
}
