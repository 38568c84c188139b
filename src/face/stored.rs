//! One face among all (1:N): whether a face is already stored for another account. Off unless the operator switches it on ([`Config::face_template_days`]), and only for who
//! has agreed to the text that says so; a hit is shown to a person and refuses nobody.
//!
//! Every process keeps the stored faces in memory and reads what changed before each search. Changes are numbered in the order of their commits, so none is missed; and who
//! stores a face looks, while holding the number, at what was stored since the search: of two accounts with one face that are checked at the same moment, the second is seen.
//!
//! [`Config::face_template_days`]: crate::config::Config::face_template_days

use baokao_vision::FaceSettings;
use baokao_vision::face::Embedding;
use baokao_vision::face::index::{FaceIndex, Hit, Template};
use tokio::sync::Mutex;

use super::store::templates::{self as store, Change, Match, Position};
use crate::app::App;
use crate::crypto::Keys;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::types::UnixMs;

/// Rows that are read at once.
const PAGE: i64 = 2_000;
const DAY_S: i64 = 24 * 3600;
/// From so many stored persons on the school has to file with the authority (人脸识别技术应用安全管理办法, Art. 15).
pub const FILING_FROM: i64 = 100_000;
/// Share of it from which the health page warns.
const NEAR: i64 = 90;

/// The stored faces as this process knows them. Empty until the first search.
#[derive(Debug, Default)]
pub struct Faces(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    upto: Position,
    index: FaceIndex,
}

/// What a search found, and up to which change it looked.
#[derive(Clone, Debug)]
pub struct Searched {
    upto: Position,
    template: Template,
    hits: Vec<Hit>,
}

/// Whether faces are stored and searched at all.
pub fn is_on(app: &App) -> bool {
    app.config.face_template_days > 0
}

/// Looks for a face among those of the other accounts.
pub async fn search(app: &App, account: i64, face: &Embedding) -> Result<Searched> {
    let template = Template::of(face).ok_or_else(|| Error::internal("a face of another length"))?;
    let mut known = app.faces.0.lock().await;
    let mut conn = app.db.read().await?;
    let Known { upto, index } = &mut *known;
    loop {
        let page = store::after(&mut conn, *upto, PAGE).await?;
        for change in &page {
            match open(&app.keys, change)? {
                Some(template) => index.put(change.account, &template),
                None => index.remove(change.account),
            }
            *upto = (change.seq, change.account);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    let hits = index.search(&template, FaceSettings::default().same_at, account);
    Ok(Searched { upto: *upto, template, hits })
}

fn context(account: i64) -> String {
    format!("face_templates.template_enc:{account}")
}

fn open(keys: &Keys, change: &Change) -> Result<Option<Template>> {
    let Some(sealed) = &change.template_enc else { return Ok(None) };
    let bytes = keys.open_sealed(&context(change.account), sealed)?;
    Template::from_bytes(&bytes).map(Some).ok_or_else(|| Error::internal("a stored face is none"))
}

/// Stores the face of a search in the transaction of its decision, unless it is another account's: those are returned, and nothing is stored. Accounts that a person has
/// already approved beside this one do not count.
pub async fn settle(app: &App, tx: &mut Tx, account: i64, searched: &Searched, may_store: bool) -> Result<Vec<Match>> {
    let mut hits = searched.hits.clone();
    // Held until the commit: nobody stores between this look and ours.
    let seq = if may_store { Some(store::begin(tx).await?) } else { None };
    let mut upto = searched.upto;
    loop {
        let page = store::after(tx, upto, PAGE).await?;
        for change in &page {
            hits.retain(|hit| hit.owner != change.account);
            if let Some(other) = open(&app.keys, change)?.filter(|_| change.account != account) {
                let similarity = searched.template.similarity(&other);
                if similarity >= FaceSettings::default().same_at {
                    hits.push(Hit { owner: change.account, similarity });
                }
            }
            upto = (change.seq, change.account);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    let mut found = Vec::new();
    for hit in hits {
        if !store::is_settled(tx, account, hit.owner).await? {
            found.push(Match { account: hit.owner, similarity: (f64::from(hit.similarity) * 10_000.0).round() as i64 });
        }
    }
    if let Some(seq) = seq.filter(|_| found.is_empty()) {
        let now = app.clock.now();
        let sealed = app.keys.seal(&context(account), &searched.template.to_bytes())?;
        store::put(tx, account, seq, sealed, now, now.plus_s(app.config.face_template_days * DAY_S)).await?;
    }
    Ok(found)
}

/// Deletes an account's stored face, if there is one.
pub async fn forget(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    if store::has(tx, account).await? {
        let seq = store::begin(tx).await?;
        store::forget(tx, account, seq, app.clock.now()).await?;
    }
    Ok(())
}

/// Deletes the stored faces whose time is over; all of them, when the operator has switched the search off.
pub async fn purge(app: &App, tx: &mut Tx) -> Result<()> {
    let now = app.clock.now();
    let until = if is_on(app) { now } else { UnixMs(i64::MAX) };
    if store::has_expired(tx, until).await? {
        let seq = store::begin(tx).await?;
        store::forget_expired(tx, until, seq, now).await?;
    }
    Ok(())
}

/// For the health page: how many faces are stored, and what that asks of the school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Persons whose face is stored as numbers.
    pub stored: i64,
    /// For how many days; 0: none are stored any more.
    pub days: i64,
}

impl Gauge {
    /// Reads it.
    pub async fn read(app: &App, conn: &mut Conn) -> Result<Self> {
        Ok(Self { stored: store::count(conn).await?, days: app.config.face_template_days })
    }

    /// Whether the number nears or has reached the one from which it must be filed.
    pub fn is_near_filing(self) -> bool {
        self.stored * 100 >= FILING_FROM * NEAR
    }

    /// A sentence for the health page.
    pub fn words(self) -> String {
        let Self { stored, days } = self;
        match () {
            () if stored >= FILING_FROM => {
                format!(
                    "已保存 {stored} 人的人脸特征，达到 10 万人：应在 30 个工作日内向省级以上网信部门备案（人脸识别技术应用安全管理办法第十五条）。"
                )
            }
            () if self.is_near_filing() => {
                format!("已保存 {stored} 人的人脸特征，接近 10 万人：达到后须在 30 个工作日内备案，请提前准备。")
            }
            () if days > 0 => format!("已保存 {stored} 人的人脸特征，每人保存 {days} 天。"),
            () if stored > 0 => format!("人脸查重已关闭，还有 {stored} 人的人脸特征，将在一小时内删除。"),
            () => "不保存人脸特征。".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_warns_before_the_law_does() {
        let gauge = |stored, days| Gauge { stored, days };
        assert_eq!(gauge(0, 0).words(), "不保存人脸特征。");
        assert!(gauge(3, 0).words().contains("将在一小时内删除"));
        assert!(!gauge(89_999, 30).is_near_filing() && gauge(89_999, 30).words().contains("每人保存 30 天"));
        assert!(gauge(90_000, 30).is_near_filing() && gauge(90_000, 30).words().contains("接近 10 万人"));
        assert!(gauge(100_000, 30).words().contains("备案"));
    }
}
