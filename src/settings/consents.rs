//! What candidates agree to when they register and before they upload their document, in editions: a changed text is a new one, the earlier ones stay readable.
//! The texts about faces are not among them: they say what this program does with a face, as it is configured.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::cache::reload;
use super::form::problems_of;
use super::store;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

const MAX_CHARS: usize = 10_000;
/// Each is read with the settings.
const MAX_EDITIONS: usize = 100;

/// Ours, edition 1; a line with # is a heading. Change it only where no school has used it yet: consents name the edition.
const PRIVACY: &str = "# 谁处理您的信息
本系统由学校自行部署和管理，您的信息由学校处理，只用于组织本校的考试报名、身份核验、缴费核对、考场编排和准考证发放。学校名称和联系电话见本页下方。
# 收集哪些信息
注册时收集姓名、证件类型和号码、手机号、考生类型和专业；实名认证时收集身份证正反面照片并读取上面的文字和头像；报名时收集人脸照片（或由人工核验的照片）、报考科目、学籍情况和订单截图。为保护账号安全，还会记录登录的时间、网络地址和浏览器类型。
# 其中的敏感信息
证件号码、证件照片和人脸照片是敏感个人信息，核验是否本人报考时必须用到。证件照片和人脸识别在使用前会另外请您单独同意；不同意人脸识别的，可以选择人工核验，不影响报名。
# 怎样保存
证件号码、手机号和照片加密后保存在学校的服务器上，不会发送给其他单位。列表中只显示部分号码，工作人员查看完整信息会留下记录。
# 保存多久
信息只在办理考试所必需的期限内保存。您注销账号后，除法律要求保留的考试和操作记录外，您的姓名、号码、手机号和照片会被删除。
# 您的权利
您可以在“我的 - 隐私与授权”中查看和撤回已给的同意、导出自己的信息、注销账号；姓名、手机号、考生类型和专业可以自行修改，证件号码有误请联系技术管理员更正。
# 疑问和投诉
如对个人信息的处理有疑问，请按本页下方的电话联系学校。
";

/// Ours, edition 1: what for, how, how long, and the rights (PIPL Articles 17, 29 and 30).
const IDENTITY: &str = "证件照片属于敏感个人信息。学校收集您的证件正反面照片，只用于核对报名人身份和制作准考证；照片由学校自己的服务器识别，加密保存，不会提供给其他单位，\
    考试结束后按学校规定的期限删除。您可以随时在“我的－隐私与授权”撤回同意或申请删除；不同意则无法办理实名认证和报名。";

/// A text as it was from some moment on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "said by their names")]
pub struct Edition {
    pub version: i64,
    pub text: String,
    /// Since when; 0 for ours.
    pub at: i64,
    /// Who wrote it.
    pub by: String,
}

impl Edition {
    fn ours(text: &str) -> Self {
        Self { version: 1, text: text.to_owned(), at: 0, by: String::new() }
    }

    /// Headings and paragraphs: of each line whether it is a heading.
    pub fn lines(&self) -> Vec<(bool, &str)> {
        let lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| line.strip_prefix('#').map_or((false, line), |heading| (true, heading.trim_start_matches('#').trim()))).collect()
    }

    /// The words as they are shown, which a receipt's hash is of.
    pub fn shown(&self) -> String {
        if self.text.contains('\n') { self.lines().into_iter().map(|(_, line)| format!("{line}\n")).collect() } else { self.text.clone() }
    }

    /// Since when, in words.
    pub fn since(&self) -> String {
        if self.at == 0 { "系统自带".into() } else { UnixMs(self.at).words() }
    }
}

/// Editions of the school's own, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the texts")]
pub struct Consents {
    privacy: Vec<Edition>,
    identity: Vec<Edition>,
}

impl Consents {
    /// The privacy notice as it is now.
    pub fn privacy(&self) -> Edition {
        self.privacy.last().cloned().unwrap_or_else(|| Edition::ours(PRIVACY))
    }

    /// The privacy notice as it was in this edition.
    pub fn privacy_of(&self, version: i64) -> Option<Edition> {
        all(&self.privacy, PRIVACY).into_iter().find(|edition| edition.version == version)
    }

    /// What is agreed to before a document is uploaded, as it was in this edition.
    pub fn identity_of(&self, version: i64) -> Option<Edition> {
        all(&self.identity, IDENTITY).into_iter().find(|edition| edition.version == version)
    }

    /// What is agreed to before a document is uploaded.
    pub fn identity(&self) -> Edition {
        self.identity.last().cloned().unwrap_or_else(|| Edition::ours(IDENTITY))
    }
}

/// Every edition, the oldest first.
fn all(own: &[Edition], ours: &str) -> Vec<Edition> {
    std::iter::once(Edition::ours(ours)).chain(own.iter().cloned()).collect()
}

/// A typed text; an emptied one is ours again.
fn parse(text: &str, ours: &str) -> Result<String, &'static str> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() || text == ours.trim() {
        return Ok(ours.to_owned());
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("请去掉看不见的字符。");
    }
    if text.chars().count() > MAX_CHARS { Err("不能超过 10000 个字。") } else { Ok(text.to_owned()) }
}

/// Adds an edition where the text is another one than what was `shown` for changing.
fn add(own: &mut Vec<Edition>, ours: &str, shown: i64, text: String, now: UnixMs, by: &str) -> Result<Option<[i64; 2]>, &'static str> {
    let editions = all(own, ours);
    if editions.iter().any(|edition| edition.version == shown && edition.text == text) {
        return Ok(None);
    }
    let last = editions.last().cloned().unwrap_or_default();
    if last.text == text {
        return Ok(None);
    }
    if last.version != shown {
        return Err("这段文字刚刚有人改过，请对照“各个版本”核对；再次保存就以您的为准。");
    }
    if own.len() >= MAX_EDITIONS {
        return Err("已经有 100 版，不能再修改，请联系技术支持。");
    }
    own.push(Edition { version: last.version + 1, text, at: now.0, by: by.to_owned() });
    Ok(Some([last.version, last.version + 1]))
}

/// What is typed on the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct ConsentsForm {
    pub privacy: String,
    pub identity: String,
    /// The edition that was shown for changing.
    pub privacy_edition: i64,
    pub identity_edition: i64,
}

/// Writes what changed as new editions, with a line in the audit that names them.
pub async fn save(app: &App, staff: &Staff, form: &ConsentsForm) -> Result<()> {
    staff.require(Permission::Administer)?;
    let mut tx = app.db.begin().await?;
    // Whoever changes settings at the same time waits here, and what they wrote is read behind it.
    let version = store::grow(&mut tx).await?;
    let mut consents: Consents = match store::all(&mut tx).await?.into_iter().find(|(name, ..)| name == "consents") {
        Some((_, value, _)) => serde_json::from_str(&value)?,
        None => Consents::default(),
    };
    let (now, mut problems, mut detail) = (app.clock.now(), Problems::new(), Map::new());
    let texts = [
        ("privacy", &form.privacy, form.privacy_edition, PRIVACY, &mut consents.privacy),
        ("identity", &form.identity, form.identity_edition, IDENTITY, &mut consents.identity),
    ];
    for (field, typed, shown, ours, own) in texts {
        let added = parse(typed, ours).and_then(|text| add(own, ours, shown, text, now, &staff.name));
        if let Some(Some(editions)) = problems.take(field, added) {
            detail.insert(format!("{field}_text"), json!(editions));
        }
    }
    problems.into_result()?;
    if detail.is_empty() {
        return Ok(());
    }
    detail.insert("group".into(), json!("consents"));
    store::put(&mut tx, "consents", &serde_json::to_string(&consents)?, None).await?;
    let entry =
        Entry { action: "settings.consents", subject_kind: "settings", subject_id: version, detail: detail.into(), actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    reload(app).await
}

/// `/console/settings/consents`.
pub fn routes() -> Routes {
    Routes::new().get("/console/settings/consents", Access::everywhere(Permission::Administer), show).post(
        "/console/settings/consents",
        Access::everywhere(Permission::Administer),
        sent,
    )
}

#[derive(Template)]
#[template(path = "settings/pages/consents.html")]
struct ConsentsPage {
    page: ConsolePage,
    tab: &'static str,
    form: ConsentsForm,
    consents: Consents,
    problems: Problems,
}

impl ConsentsPage {
    fn texts(&self) -> [TextField<'_>; 2] {
        let editions = |own: &[Edition], ours: &str| all(own, ours).into_iter().rev().collect();
        [
            TextField {
                label: "隐私政策",
                field: "privacy",
                hint: "以 # 开头的一行是小标题。注册时请考生同意；改动后，已注册的考生会在首页看到提示。",
                rows: 18,
                text: &self.form.privacy,
                editions: editions(&self.consents.privacy, PRIVACY),
            },
            TextField {
                label: "证件信息的用途",
                field: "identity",
                hint: "上传证件前请考生单独同意；改动后，下次上传时重新征求同意。",
                rows: 6,
                text: &self.form.identity,
                editions: editions(&self.consents.identity, IDENTITY),
            },
        ]
    }
}

/// A text on the page, with every edition, the newest first.
struct TextField<'a> {
    label: &'static str,
    field: &'static str,
    hint: &'static str,
    rows: i64,
    text: &'a str,
    editions: Vec<Edition>,
}

fn page(app: &App, staff: &Staff, client: &Client, typed: Option<ConsentsForm>, problems: Problems) -> ConsentsPage {
    let consents = app.settings().consents.clone();
    let form = typed.unwrap_or_else(|| ConsentsForm {
        privacy: consents.privacy().text,
        identity: consents.identity().text,
        ..ConsentsForm::default()
    });
    ConsentsPage { page: staff.page(app, client, "settings"), tab: "consents", form, consents, problems }
}

async fn show(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    web::html(&page(&app, &staff, &client, None, Problems::new()))
}

async fn sent(State(app): State<App>, staff: Staff, client: Client, Form(form): Form<ConsentsForm>) -> Result<Response> {
    match save(&app, &staff, &form).await {
        Ok(()) => Ok(client.go_saying("/console/settings/consents", "已保存，考生马上看到新的内容。")),
        Err(error) => web::html_invalid(&page(&app, &staff, &client, Some(form), problems_of(error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_is_a_new_edition_and_the_same_text_none() {
        let mut own = Vec::new();
        let mut put = |shown, text: &str| add(&mut own, "我们的", shown, parse(text, "我们的").expect("a text"), UnixMs(5), "陈老师");
        assert_eq!(put(1, "我们的"), Ok(None));
        assert_eq!(put(1, "学校的\r\n第二行"), Ok(Some([1, 2])));
        assert_eq!(put(2, " 学校的\n第二行 "), Ok(None), "nothing but spaces is no change");
        assert_eq!(put(1, "我们的"), Ok(None), "who left it alone takes nothing back");
        assert!(put(1, "别人的").is_err(), "who changed an earlier one is told");
        assert_eq!(put(2, ""), Ok(Some([2, 3])), "emptied it is ours again, as a new edition");
        assert!(parse(&"长".repeat(MAX_CHARS + 1), "").is_err() && parse("a\u{7}", "").is_err());
    }

    #[test]
    fn headings_are_shown_without_their_sign() {
        let edition = Edition::ours("# 甲\n\n乙\n## 丙\n");
        assert_eq!(edition.lines(), [(true, "甲"), (false, "乙"), (true, "丙")]);
        assert_eq!(edition.shown(), "甲\n乙\n丙\n");
        assert_eq!(Edition::ours(IDENTITY).shown(), IDENTITY);
    }
}
