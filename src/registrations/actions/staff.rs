//! What staff decide about a registration.

use serde_json::json;

use super::take;
use crate::accounts::{self, RealName};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::exams::{self, Exam, PaymentWay};
use crate::jobs;
use crate::registrations::{Registration, Step, store};
use crate::staff::{Permission, Staff};
use crate::types::line;

/// Longest reason.
pub const MAX_REASON_CHARS: usize = 200;

/// What an exam asks for before a registration can be approved, and that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The face was not seen to be the candidate's.
    Face,
    /// The name is not verified.
    RealName,
}

impl Lack {
    /// What is lacking.
    pub fn of(row: &Registration, exam: &Exam, real_name: RealName) -> Vec<Self> {
        let face = (exam.checks().face() && !row.face_passed()).then_some(Self::Face);
        let name = (exam.checks().real_name() && real_name != RealName::Verified).then_some(Self::RealName);
        face.into_iter().chain(name).collect()
    }

    /// In a table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Face => "人脸没有通过",
            Self::RealName => "实名没有通过",
        }
    }

    /// For the reviewer.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Face => "这名考生的人脸审核还没有通过，请先完成人脸审核。",
            Self::RealName => "这名考生的实名认证现在没有通过，通过后才能审核报名。",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Face => "face_pending",
            Self::RealName => "real_name_pending",
        }
    }
}

/// Approves, in the transaction of the payment decision, which leaves the audit line.
pub async fn approve(app: &App, tx: &mut Tx, staff: &Staff, registration: i64) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    staff.require_in(row.exam, Permission::ReviewPayment)?;
    let exam = exams::store::find(tx, row.exam).await?;
    // The name that was verified is the one that goes on the ticket.
    let account = accounts::store::find(tx, row.account).await?.ok_or(Error::NotFound)?;
    if let Some(lack) = Lack::of(&row, &exam, account.real_name()).first() {
        return Err(Error::refused(lack.code(), lack.sentence()));
    }
    row.reason = String::new();
    take(app, tx, &mut row, Step::Approve, &staff.actor(), "", json!({})).await?;
    let link = format!("/registrations/{}", row.public_ref);
    jobs::notify(app, tx, row.account, "报名审核已通过", "您的报名已通过审核，请留意准考证下载通知。", &link, false).await
}

/// Returns it to the candidate with a reason, in the transaction of the payment decision, which leaves the audit line.
pub async fn send_back(app: &App, tx: &mut Tx, staff: &Staff, registration: i64, reason: &str) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    staff.require_in(row.exam, Permission::ReviewPayment)?;
    let reason = line(reason, MAX_REASON_CHARS, "请填写退回原因，考生会看到这句话。", "退回原因不能超过 200 字。")
        .map_err(|s| Error::invalid("reason", s))?;
    row.reason = reason.clone();
    take(app, tx, &mut row, Step::Return, &staff.actor(), &reason, json!({})).await?;
    let link = format!("/registrations/{}", row.public_ref);
    let exam = exams::store::find(tx, row.exam).await?;
    let (title, todo) = match row.may_go_on(&exam, app.clock.now()) {
        // Handing in again is not what it asks for.
        Ok(()) if reason.contains("联系学校") && !reason.contains("重新") => ("报名被退回，需要您处理", "已经缴费的请勿重复缴费。"),
        Ok(()) if exam.way() == PaymentWay::Free => ("报名被退回，需要您处理", "请按提示修改后重新提交。"),
        Ok(()) => ("报名被退回，需要您处理", "请按提示修改后重新提交，已经缴费的请勿重复缴费。"),
        Err(_) => ("报名被退回", "提交和修改的时间已过，请联系学校，已经缴费的请勿重复缴费。"),
    };
    jobs::notify(app, tx, row.account, title, &format!("原因：{reason} {todo}"), &link, true).await
}
