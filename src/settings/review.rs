//! How staff review: the reasons that they send a case back with, and whether an approval takes two persons.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::actions;
use super::form::problems_of;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::held::Desk;
use crate::staff::{Permission, Staff};
use crate::types::Access;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

/// The keys 1 to 9.
const MAX_REASONS: usize = 9;
const MAX_REASON_CHARS: usize = 60;

/// Why a document is sent back, as the candidate reads it, where staff have not written reasons of their own.
const IDENTITY: [&str; 9] = [
    "姓名与证件不一致，请到“个人信息”修改姓名后重新认证。",
    "证件号码与登记的不一致，请核对证件；登记有误请联系技术管理员更正。",
    "照片模糊，看不清文字，请对焦清楚后重拍。",
    "照片反光或太暗，请换到光线均匀的地方重拍。",
    "证件没有拍全，请让四角都在画面内后重拍。",
    "证件已过有效期，请使用有效期内的证件。",
    "请拍摄证件原件，复印件和翻拍的照片不能使用。",
    "正反面上传不正确，请分别上传有头像的一面和另一面。",
    "请上传您本人的证件。",
];

/// Of a face.
const FACE: [&str; 6] = [
    "照片不清晰，请到光线均匀的地方重新拍摄。",
    "脸部没有完整露出，请摘下口罩、墨镜后重新拍摄。",
    "照片中看不清身份证，请手持身份证人像面重新拍摄。",
    "照片中不止一个人，请独自一人重新拍摄。",
    "请本人直接拍摄，不要翻拍照片或屏幕。",
    "与身份证照片不是同一人，请本人重新进行人脸识别。",
];

/// Of a payment.
const PAYMENT: [&str; 7] = [
    "截图看不清，请重新上传完整、清晰的订单详情截图。",
    "截图里没有交易单号，请上传订单详情页的截图。",
    "支付金额与报名费不一致，请联系学校处理。",
    "学校账单中没有查到这笔订单，请核对交易单号后重新提交。",
    "这笔订单已用于其他报名，请上传您本人的订单截图。",
    "缴费人与报名人不是同一人，请联系学校处理。",
    "这是给个人的转账，请上传通过学校缴费二维码缴费的订单截图。",
];

/// Of what is paid at the school: there is no screenshot.
const AT_SCHOOL: [&str; 4] = [
    "学校没有查到您的缴费记录，请到学校缴费后重新提交。",
    "缴费金额与报名费不一致，请联系学校处理。",
    "缴费人与报名人不是同一人，请联系学校处理。",
    "报考信息有误，请修改后重新提交。",
];

/// Of an exam without a fee.
const FREE: [&str; 2] = ["报考信息有误，请修改后重新提交。", "上传的附件不清楚，请重新上传后提交。"];

/// How cases are reviewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Review {
    /// Whether an approval takes two persons.
    pub by_two: bool,
    /// Reasons of staff's own; none: ours.
    pub identity: Vec<String>,
    /// Reasons of staff's own; none: ours.
    pub face: Vec<String>,
    /// Reasons of staff's own; none: ours.
    pub payment: Vec<String>,
}

impl Review {
    /// The reasons of a queue, in the order of the keys 1 to 9.
    pub fn reasons(&self, desk: Desk) -> Vec<String> {
        let (own, ours): (_, &[&str]) = match desk {
            Desk::Identity => (&self.identity, &IDENTITY),
            Desk::Face => (&self.face, &FACE),
            Desk::Payment => (&self.payment, &PAYMENT),
        };
        if own.is_empty() { ours.iter().map(|text| (*text).to_owned()).collect() } else { own.clone() }
    }

    /// The reasons of the payment queue for an exam that is paid in this way (the code of a `PaymentWay`). Staff's own are for every way.
    pub fn payment_reasons(&self, way: &str) -> Vec<String> {
        let ours: &[&str] = match way {
            "offline" => &AT_SCHOOL,
            "free" => &FREE,
            _ => &PAYMENT,
        };
        if self.payment.is_empty() { ours.iter().map(|text| (*text).to_owned()).collect() } else { self.payment.clone() }
    }

    /// What a candidate reads: the chosen ones of a queue's reasons in their order, several with numbers, then what was typed. Refused where one is not, or no more,
    /// of the list.
    pub fn sentence(&self, desk: Desk, chosen: &[String], typed: &str) -> Result<String> {
        let mut list = self.reasons(desk);
        if desk == Desk::Payment && self.payment.is_empty() {
            for text in AT_SCHOOL.into_iter().chain(FREE).map(str::to_owned) {
                if !list.contains(&text) {
                    list.push(text);
                }
            }
        }
        if chosen.iter().any(|text| !text.is_empty() && !list.contains(text)) {
            return Err(Error::invalid("reason", "退回原因刚刚有修改，请重新选择。"));
        }
        let mut parts: Vec<String> = list.into_iter().filter(|text| chosen.contains(text)).collect();
        let is_numbered = parts.len() > 1;
        parts.extend(Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty()));
        Ok(match is_numbered {
            true => parts.iter().zip(1..).map(|(part, nth)| format!("{nth}. {part}")).collect::<Vec<_>>().join(" "),
            // What is typed beside one reason goes on with it.
            false => parts.concat(),
        })
    }
}

/// What is typed on the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct ReviewForm {
    pub by_two: String,
    pub identity: String,
    pub face: String,
    pub payment: String,
}

/// Reasons, one a line. They are put together, so that each ends as a sentence.
fn reasons(text: &str, desk: Desk) -> Result<Vec<String>, &'static str> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.chars().any(char::is_control) {
            return Err("请去掉看不见的字符。");
        }
        let whole = if line.ends_with(['。', '！', '？']) { line.to_owned() } else { format!("{line}。") };
        if whole.chars().count() > MAX_REASON_CHARS {
            return Err("每条原因不能超过 60 个字。");
        }
        if !found.contains(&whole) {
            found.push(whole);
        }
    }
    if found.len() > MAX_REASONS {
        return Err("最多 9 条原因，对应键盘上的 1 到 9。");
    }
    // Ours are kept as none, so that a better wording of ours comes with the next version.
    Ok(if found == Review::default().reasons(desk) { Vec::new() } else { found })
}

/// Reads the page.
pub fn parse(form: &ReviewForm) -> Result<Review> {
    let mut problems = Problems::new();
    let identity = problems.take("identity", reasons(&form.identity, Desk::Identity));
    let face = problems.take("face", reasons(&form.face, Desk::Face));
    let payment = problems.take("payment", reasons(&form.payment, Desk::Payment));
    problems.into_result()?;
    let [identity, face, payment] = [identity, face, payment].map(Option::unwrap_or_default);
    Ok(Review { by_two: form.by_two == "yes", identity, face, payment })
}

/// `/console/settings/review`.
pub fn routes() -> Routes {
    Routes::new().get("/console/settings/review", Access::everywhere(Permission::Administer), show).post(
        "/console/settings/review",
        Access::everywhere(Permission::Administer),
        save,
    )
}

#[derive(Template)]
#[template(path = "settings/pages/review.html")]
struct ReviewPage {
    page: ConsolePage,
    tab: &'static str,
    form: ReviewForm,
    problems: Problems,
}

impl ReviewPage {
    /// Label, field, text.
    fn lists(&self) -> [(&'static str, &'static str, &str); 3] {
        let form = &self.form;
        [("实名审核", "identity", &form.identity), ("人脸审核", "face", &form.face), ("缴费审核", "payment", &form.payment)]
    }
}

fn page(app: &App, staff: &Staff, client: &Client, typed: Option<ReviewForm>, problems: Problems) -> ReviewPage {
    let now = &app.settings().review;
    let form = typed.unwrap_or_else(|| ReviewForm {
        by_two: if now.by_two { "yes".into() } else { String::new() },
        identity: now.reasons(Desk::Identity).join("\n"),
        face: now.reasons(Desk::Face).join("\n"),
        payment: now.reasons(Desk::Payment).join("\n"),
    });
    ReviewPage { page: staff.page(app, client, "settings"), tab: "review", form, problems }
}

async fn show(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    web::html(&page(&app, &staff, &client, None, Problems::new()))
}

async fn save(State(app): State<App>, staff: Staff, client: Client, Form(form): Form<ReviewForm>) -> Result<Response> {
    match actions::save_review(&app, &staff, &form).await {
        Ok(()) => Ok(client.go_saying("/console/settings/review", "已保存，审核页面马上使用新的设置。")),
        Err(error) => web::html_invalid(&page(&app, &staff, &client, Some(form), problems_of(error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_sentences_and_ours_are_kept_as_none() {
        let text = |form: &str| reasons(form, Desk::Face);
        assert_eq!(text(" 请重拍 \r\n\n请重拍。\n是谁？"), Ok(vec!["请重拍。".into(), "是谁？".into()]));
        assert_eq!(text(&FACE.join("\n")), Ok(Vec::new()));
        assert!(text(&"长".repeat(61)).is_err() && text("a\u{7}b").is_err());
        let many = |count: usize| (0..count).map(|n| format!("第{n}条\n")).collect::<String>();
        assert!(text(&many(9)).is_ok() && text(&many(10)).is_err());
        for (desk, ours) in [(Desk::Identity, IDENTITY.as_slice()), (Desk::Face, &FACE), (Desk::Payment, &PAYMENT)] {
            assert_eq!(reasons(&ours.join("\n"), desk), Ok(Vec::new()), "ours keep our own rules");
        }
    }

    #[test]
    fn only_reasons_of_the_list_are_taken() {
        let review = Review { payment: vec!["甲。".into(), "乙。".into()], ..Review::default() };
        let said = |chosen: &[String], typed: &str| review.sentence(Desk::Payment, chosen, typed).expect("reasons of the list");
        assert_eq!(said(&["乙。".into(), "甲。".into()], " 再说 "), "1. 甲。 2. 乙。 3. 再说");
        assert_eq!((said(&["乙。".into()], "再说").as_str(), said(&[], " ").as_str()), ("乙。再说", ""));
        assert!(review.sentence(Desk::Payment, &["乙。".into(), "丙。".into()], "").is_err());
    }
}
