//! What people read: one sentence for every problem (what to do, not what went wrong inside), and one for every doubt.

use baokao_vision::CardProblem;

use super::{Doubt, Field, Finding, Outcome, Problem, Side};
use crate::types::DocumentKind;

/// What the two pictures of a document are called.
pub(super) fn sides(kind: DocumentKind) -> (&'static str, &'static str) {
    match kind {
        DocumentKind::ResidentCard => ("人像面", "国徽面"),
        DocumentKind::Passport => ("资料页", "第二张"),
        DocumentKind::ResidencePermit
        | DocumentKind::HongKongMacauPermit
        | DocumentKind::TaiwanPermit
        | DocumentKind::ForeignPermanentResident => ("正面", "背面"),
    }
}

/// What the candidate is asked to take pictures of.
pub(super) fn slots(kind: DocumentKind) -> (&'static str, &'static str) {
    match kind {
        DocumentKind::ResidentCard => ("身份证人像面", "身份证国徽面"),
        DocumentKind::ResidencePermit => ("居住证正面（有照片的一面）", "居住证背面（有通行证号码的一面）"),
        DocumentKind::HongKongMacauPermit | DocumentKind::TaiwanPermit => {
            ("通行证正面（有照片的一面）", "通行证背面（有三行机读码的一面）")
        }
        DocumentKind::ForeignPermanentResident => ("永居证正面（有照片的一面）", "永居证背面（有有效期限的一面）"),
        DocumentKind::Passport => ("护照资料页（有照片和机读码的一页）", "护照签名页（没有的请再拍一次资料页）"),
    }
}

/// The table: every problem has its sentence. `{照片}` stands for the picture that has it, `{证件}`, `{正面}` and `{背面}` for what the document and its pictures
/// are called, other braces for what was read and registered.
fn template(problem: Problem) -> &'static str {
    match problem {
        Problem::Damaged => "{照片}打不开，可能没有传完整。请重新选择或重拍。",
        Problem::TooManyPixels => "{照片}的尺寸太大。请用手机直接拍摄，或缩小后再上传。",
        Problem::NameDiffers => {
            "姓名不一致：证件上读到“{读到}”，登记的是“{登记}”。登记有误请到“个人信息”修改姓名后重新认证；没有读准请把证件放平，重拍{正面}。"
        }
        Problem::NumberDiffers => {
            "证件号码不一致：证件上读到 {读到}，登记的是 {登记}。请核对是不是您本人的证件；登记有误请联系技术管理员更正。"
        }
        Problem::Expired => "证件已过期（有效期限 {读到}）。请使用有效期内的{证件}。",
        Problem::Card(problem) => card_template(problem),
    }
}

/// Every problem's code and sentence, with its braces: for docs/FAILURES.md.
pub fn problem_sentences() -> Vec<(&'static str, &'static str)> {
    let own = [Problem::Damaged, Problem::TooManyPixels, Problem::NameDiffers, Problem::NumberDiffers, Problem::Expired];
    let all = own.into_iter().chain(CardProblem::ALL.map(Problem::Card));
    all.map(|problem| (problem.code(), template(problem))).collect()
}

fn card_template(problem: CardProblem) -> &'static str {
    match problem {
        CardProblem::TooSmall => "{照片}里的证件太小。请靠近一些，让证件占满画面后重拍。",
        CardProblem::Blurred => "{照片}模糊，看不清文字。请把证件放平，拿稳手机，对焦清楚后重拍。",
        CardProblem::Dark => "{照片}太暗。请到亮一点的地方重拍。",
        CardProblem::Glare => "{照片}有反光，挡住了文字。请避开灯光或换个角度重拍。",
        CardProblem::CutOff => "{照片}没有拍全证件。请让证件四角都在画面内后重拍。",
        CardProblem::NotACard => "{照片}里没有找到{证件}。请上传您本人的{证件}照片。",
        CardProblem::SidesSwapped => "正反面放反了。请在“{正面}”上传有头像的一面，在“{背面}”上传另一面。",
        CardProblem::SameSide => "两张照片是证件的同一面。请分别上传有头像的一面和另一面。",
        CardProblem::Copy => "{照片}像是复印件。请拍摄{证件}原件。",
        CardProblem::Screen => "{照片}像是对着屏幕翻拍的。请拿出{证件}原件，直接拍摄。",
        CardProblem::NumberInvalid => "没有读准证件号码。请避开反光，让号码清楚完整后重拍{正面}。",
        CardProblem::BirthMismatch => "读到的出生日期与证件号码对不上。请让文字清楚完整后重拍{正面}。",
        CardProblem::SexMismatch => "读到的性别与证件号码对不上。请让文字清楚完整后重拍{正面}。",
        CardProblem::ValidityUnreadable => "没有读到有效期限。请让文字清楚完整后重拍{背面}。",
        CardProblem::PortraitUnreadable => "没有看清证件上的头像。请避开反光，让头像清楚完整后重拍{正面}。",
        CardProblem::Unreadable => "{照片}的文字没有读全。请把证件放平，在光线均匀处重拍。",
    }
}

/// The sentence for a candidate. What was read is shown only to the candidate who uploaded it.
pub(super) fn sentence(finding: Finding, outcome: &Outcome) -> String {
    let field = match finding.problem {
        Problem::NameDiffers => Some(Field::Name),
        Problem::NumberDiffers => Some(Field::Number),
        Problem::Expired => Some(Field::Validity),
        Problem::Damaged | Problem::TooManyPixels | Problem::Card(_) => None,
    };
    let verdict = field.and_then(|field| outcome.field(field));
    let (read, registered) = verdict.map_or(("", ""), |verdict| (verdict.read.as_str(), verdict.registered.as_str()));
    let kind = outcome.kind.unwrap_or(DocumentKind::ResidentCard);
    let document = if kind == DocumentKind::ResidentCard { "身份证" } else { kind.word() };
    let (front, back) = sides(kind);
    let side = match finding.side {
        Some(Side::Front) => front,
        Some(Side::Back) => back,
        None => "",
    };
    let text = template(finding.problem).replace("{照片}", &format!("{side}照片")).replace("{证件}", document);
    text.replace("{正面}", front).replace("{背面}", back).replace("{登记}", registered).replace("{读到}", read)
}

impl Doubt {
    /// The sentence for a reviewer: what to look at.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NameUncertain => "姓名有字没有读准，请核对姓名。",
            Self::NameRare => "姓名有生僻字，机器认不准，请核对姓名。",
            Self::NameLookAlike => "姓名读到形近字，请核对姓名。",
            Self::NumberUncertain => "号码没有读准，请逐位核对号码。",
            Self::BirthMismatch => "读到的出生日期与号码或机读码不符，请核对。",
            Self::SexMismatch => "读到的性别与号码或机读码不符，请核对。",
            Self::PrintUnread => "性别或出生日期没有读到，请核对。",
            Self::NotYetValid => "读到的有效期起始日还没有到，请核对。",
            Self::ZoneUnread => "机读码没有读准，请逐项核对。",
            Self::LatinName => "字母姓名没有读准或写法不同，请核对姓名。",
            Self::ValidityUncertain => "有效期限没有读准，请核对。",
            Self::PortraitUncertain => "没有找到证件上的头像，或照片里不止一张人脸，请核对。",
            Self::Specimen => "证件边缘印有“样本”字样，不是真实证件，请核对。",
            Self::OtherDocument => "这类证件由人工审核，请逐项核对。",
            Self::NoModels => "识别模型没有安装，请逐项核对。",
            Self::ReaderFailed => "自动识别没有完成，请逐项核对。",
            Self::Asked => "考生多次未通过，申请人工审核。",
            Self::SameHolder => "同一个人可能已用另一种证件注册了账号，请核对下面列出的账号。",
        }
    }

    /// A few words for a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::NameUncertain => "姓名未读准",
            Self::NameRare => "生僻字",
            Self::NameLookAlike => "形近字",
            Self::NumberUncertain => "号码未读准",
            Self::BirthMismatch => "出生日期不符",
            Self::SexMismatch => "性别不符",
            Self::PrintUnread => "性别或生日未读到",
            Self::NotYetValid => "未到有效期",
            Self::ZoneUnread => "机读码未读准",
            Self::LatinName => "字母姓名",
            Self::ValidityUncertain => "有效期未读准",
            Self::PortraitUncertain => "头像未确定",
            Self::Specimen => "样本证件",
            Self::OtherDocument => "其他证件",
            Self::NoModels => "无识别模型",
            Self::ReaderFailed => "识别未完成",
            Self::Asked => "考生申请",
            Self::SameHolder => "可能重复注册",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Agreement, FieldVerdict};

    #[test]
    fn every_problem_has_a_sentence_of_its_own_that_says_what_to_do() {
        let outcome = Outcome::default();
        let own = [Problem::Damaged, Problem::TooManyPixels, Problem::NameDiffers, Problem::NumberDiffers, Problem::Expired];
        let mut seen = std::collections::BTreeSet::new();
        for problem in own.into_iter().chain(CardProblem::ALL.map(Problem::Card)) {
            let text = sentence(Finding { problem, side: Some(Side::Front) }, &outcome);
            assert!(text.contains('请') && text.ends_with('。'), "{text}");
            assert!(!text.contains(['{', '}', '！', '你']), "{text}");
            assert!(seen.insert(text.clone()), "twice: {text}");
        }
    }

    #[test]
    fn a_name_that_differs_is_shown_as_read_and_as_registered() {
        let mut outcome = Outcome::default();
        outcome.fields.push(FieldVerdict {
            field: Field::Name,
            read: "张三".into(),
            registered: "张叁".into(),
            agreement: Agreement::Differs,
        });
        let text = sentence(Finding { problem: Problem::NameDiffers, side: None }, &outcome);
        assert!(text.contains("读到“张三”") && text.contains("登记的是“张叁”"), "{text}");
    }

    #[test]
    fn every_doubt_has_its_words() {
        let mut seen = std::collections::BTreeSet::new();
        for doubt in Doubt::ALL {
            assert!(doubt.sentence().ends_with('。') && seen.insert(doubt.sentence()) && seen.insert(doubt.word()));
        }
    }
}
