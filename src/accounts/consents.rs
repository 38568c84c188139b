//! Consents (同意): versioned receipts of what a person agreed to, when and from where; as easily withdrawn as given (PIPL Art. 15; 人脸识别技术应用安全管理办法 Art. 6).

use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::sha256;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::jobs::{self, Job, NewJob, PRIORITY_WAITING, Queue};
use crate::types::UnixMs;

use super::store::consents as store;
pub use super::store::consents::current;

/// What is agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentKind {
    /// The privacy notice, at registration.
    Privacy,
    /// Reading the identity document (实名认证).
    Identity,
    /// Face recognition (人脸识别): separate, and never the only way.
    Face,
    /// Keeping a photograph that only people look at: the way without face recognition.
    FacePhoto,
}

impl ConsentKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Privacy, Self::Identity, Self::Face, Self::FacePhoto];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Identity => "identity",
            Self::Face => "face",
            Self::FacePhoto => "face_photo",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Privacy => "隐私政策",
            Self::Identity => "证件信息处理",
            Self::Face => "人脸识别",
            Self::FacePhoto => "人工审核照片",
        }
    }
}

impl ConsentKind {
    /// What follows when it is taken back, said before; "" where it cannot be taken back alone. `is_forgotten`: the document's pictures went at the end of their time.
    pub fn after_withdrawal(self, is_forgotten: bool) -> &'static str {
        match self {
            Self::Privacy => "",
            Self::Identity if is_forgotten => "证件照片已按保存期限删除。撤回后，已通过的实名认证仍然有效。",
            Self::Identity => "撤回后，没有完成的证件识别会停止，上传的证件照片会删除；已通过的实名认证仍然有效，只保留证件上的人像。",
            Self::Face => {
                "撤回后，没有完成的刷脸核验、拍下的画面和保存的人脸特征会删除，不再刷脸；已交给工作人员的照片仍由工作人员核对，已通过的核验只保留准考证上的照片。您可以用人工审核或现场核验继续报名。"
            }
            Self::FacePhoto => "撤回后，手持身份证的照片会删除；还没有审核完的，需要您重新选择一种核验方式。已通过的核验仍然有效。",
        }
    }

    /// What was done when it was taken back.
    pub fn withdrawn_words(self) -> &'static str {
        match self {
            Self::Face => "已撤回同意，没有完成的刷脸核验、画面和保存的人脸特征正在删除。报名可以用人工审核或现场核验继续。",
            Self::FacePhoto => "已撤回同意，照片正在删除。还没有审核完的，请重新选择一种核验方式。",
            _ => "已撤回同意。以后需要时会重新征求您的同意。",
        }
    }
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Row id.
    pub id: i64,
    /// What was agreed to.
    pub kind: ConsentKind,
    /// Of the text.
    pub version: i64,
    /// SHA-256 of the text as it was shown.
    pub text_hash: Vec<u8>,
    /// When it was given.
    pub given_at: UnixMs,
    /// From which network address.
    pub address: String,
    /// When it was taken back.
    pub withdrawn_at: Option<UnixMs>,
}

impl Consent {
    /// Whether it is for this very text.
    pub fn is_for(&self, version: i64, text: &str) -> bool {
        self.version == version && self.text_hash == sha256(text.as_bytes())
    }
}

/// Writes a receipt for the text as it was shown. Agreeing to the same text again while it holds changes nothing.
pub async fn give(app: &App, tx: &mut Tx, account: i64, kind: ConsentKind, version: i64, text: &str, address: &str) -> Result<()> {
    if current(tx, account, kind).await?.is_some_and(|held| held.is_for(version, text)) {
        return Ok(());
    }
    let now = app.clock.now();
    store::close(tx, account, kind, now).await?;
    store::insert(tx, app.ids.make(now), account, kind, version, sha256(text.as_bytes()), address, now).await
}

/// Takes a consent back; `false` when none was held. What later features do about it follows as the job `consents.withdrawn`: call [`App::wake`] after the commit.
pub async fn withdraw(app: &App, tx: &mut Tx, account: i64, kind: ConsentKind, actor: &Actor) -> Result<bool> {
    let now = app.clock.now();
    if store::close(tx, account, kind, now).await? == 0 {
        return Ok(false);
    }
    let detail = serde_json::json!({ "kind": kind.code() });
    audit::write(tx, now, Entry { action: "consent.withdraw", subject_kind: "account", subject_id: account, detail, actor }).await?;
    let job = NewJob {
        kind: "consents.withdrawn",
        queue: Queue::Default,
        priority: PRIORITY_WAITING,
        payload: serde_json::json!({ "account": account, "kind": kind.code() }),
        unique_key: None,
        run_at: now,
    };
    jobs::enqueue(app, tx, job).await?;
    Ok(true)
}

/// Which consent a job `consents.withdrawn` is about.
pub fn withdrawn_kind(job: &Job) -> Result<ConsentKind> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload)?;
    payload["kind"].as_str().and_then(ConsentKind::parse).ok_or_else(|| Error::internal("a withdrawal without its kind"))
}

/// Every receipt of an account, newest first.
pub async fn list(conn: &mut Conn, account: i64) -> Result<Vec<Consent>> {
    store::list(conn, account).await
}
