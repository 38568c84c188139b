//! What staff decide about a registration.

use serde_json::json;

use super::take;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs;
use crate::registrations::{Step, store};
use crate::staff::{Permission, Staff};
use crate::types::line;

/// Longest reason.
pub const MAX_REASON_CHARS: usize = 200;

/// Approves, in the transaction of the payment decision.
pub async fn approve(app: &App, tx: &mut Tx, staff: &Staff, registration: i64) -> Result<()> {
    staff.require(Permission::ReviewPayment)?;
    let mut row = store::find(tx, registration).await?;
    if !row.face_passed() {
        return Err(Error::refused("face_pending", "这名考生的人脸审核还没有通过，请先完成人脸审核。"));
    }
    row.reason = String::new();
    take(app, tx, &mut row, Step::Approve, &staff.actor(), "", json!({})).await?;
    let entry = Entry {
        action: "registration.approve",
        subject_kind: "registration",
        subject_id: registration,
        detail: json!({}),
        actor: &staff.actor(),
    };
    audit::write(tx, app.clock.now(), entry).await?;
    let link = format!("/registrations/{}", row.public_ref);
    jobs::notify(app, tx, row.account, "报名审核已通过", "您的报名已通过审核，请留意准考证下载通知。", &link, false).await
}

/// Returns it to the candidate with a reason, in the transaction of the payment decision.
pub async fn send_back(app: &App, tx: &mut Tx, staff: &Staff, registration: i64, reason: &str) -> Result<()> {
    staff.require(Permission::ReviewPayment)?;
    let reason = line(reason, MAX_REASON_CHARS, "请填写退回原因，考生会看到这句话。", "退回原因不能超过 200 字。")
        .map_err(|s| Error::invalid("reason", s))?;
    let mut row = store::find(tx, registration).await?;
    row.reason = reason.clone();
    take(app, tx, &mut row, Step::Return, &staff.actor(), &reason, json!({})).await?;
    let detail = json!({ "reason": reason });
    let entry =
        Entry { action: "registration.return", subject_kind: "registration", subject_id: registration, detail, actor: &staff.actor() };
    audit::write(tx, app.clock.now(), entry).await?;
    let link = format!("/registrations/{}", row.public_ref);
    let body = format!("原因：{reason} 请按提示修改后重新提交，已经缴费的请勿重复缴费。");
    jobs::notify(app, tx, row.account, "报名被退回，需要您处理", &body, &link, true).await
}
