//! 双人复核: where it is switched on, an approval takes effect with the second person's. A return takes one.
//!
//! Invariant: the two are different persons and saw the same: what changed meanwhile is approved by two anew.

use super::Staff;
use super::held::Desk;
use super::store::first_approvals as store;
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};

/// What is approved.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Where.
    pub desk: Desk,
    /// Row id of the check, or of the registration.
    pub case: i64,
    /// Grows with what was seen.
    pub version: i64,
}

impl Seen {
    /// A check of a document: another name is another check.
    pub fn identity(case: i64) -> Self {
        Self { desk: Desk::Identity, case, version: 0 }
    }

    /// A check of a face, beside the document for this version of the name.
    pub fn face(case: i64, name_version: i64) -> Self {
        Self { desk: Desk::Face, case, version: name_version }
    }

    /// A registration's payment in this version, of a candidate with this version of the name.
    pub fn payment(case: i64, version: i64, name_version: i64) -> Self {
        Self { desk: Desk::Payment, case, version: (version << 20) | name_version }
    }
}

/// The first of two, as the page of a case shows it.
#[derive(Clone, Debug)]
pub struct First {
    /// Who approved.
    pub name: String,
    /// Whether it was the one who looks now.
    pub is_own: bool,
}

/// Who approved first, where another has to agree.
pub async fn first(app: &App, conn: &mut Conn, staff: &Staff, seen: Seen) -> Result<Option<First>> {
    if !app.settings().review.by_two {
        return Ok(None);
    }
    let Some(by) = store::find(conn, seen).await? else { return Ok(None) };
    Ok(Some(First { name: super::actions::name_of(conn, by).await?, is_own: by == staff.id }))
}

/// Approves; `false` where this was the first of two, and nothing else may happen yet.
pub async fn agreed(app: &App, tx: &mut Tx, staff: &Staff, seen: Seen) -> Result<bool> {
    if !app.settings().review.by_two {
        return Ok(true);
    }
    match store::find(tx, seen).await? {
        None => {
            store::put(tx, seen, staff.id, app.clock.now()).await?;
            Ok(false)
        }
        Some(by) if by == staff.id => Err(Error::refused("needs_another", "这一件已由您初审通过，要由另一位老师复核。")),
        Some(_) => Ok(true),
    }
}

/// What the one who approved is told.
pub fn approved_words(app: &App) -> &'static str {
    if app.settings().review.by_two { "已记录您的通过，两位老师都通过后生效。" } else { "已通过。" }
}

/// Whose own first approvals a queue must not offer; nobody's where the rule is switched off.
pub fn passed_by(app: &App, staff: &Staff) -> i64 {
    if app.settings().review.by_two { staff.id } else { 0 }
}
