//! The Chinese for the codes that stand as values in the audit. Most belong to features after this one; the tests compare both.

use crate::pictures::kind_word;
use crate::types::{DocumentKind, Permission};

/// A table of codes.
type Codes = &'static [(&'static str, &'static str)];

/// The word for a code that stands in this field; `None` where it is no code, or none that is known.
pub fn code_word(field: &str, code: &str) -> Option<&'static str> {
    let of = |codes: Codes| codes.iter().find(|(known, _)| *known == code).map(|(_, word)| *word);
    match field {
        "by" => of(SIGNING_IN),
        "way" | "payment_way" => of(WAYS),
        "kind" => of(KINDS).or_else(|| Some(kind_word(code)).filter(|word| *word != kind_word(""))),
        "owner_kind" => of(OWNERS),
        "from_kind" | "to_kind" => DocumentKind::parse(code).ok().map(DocumentKind::word),
        "roles" => of(ROLES),
        "permissions" => Permission::parse(code).map(Permission::word),
        "state" | "states" => of(STATES),
        "real_name_was" => of(REAL_NAMES),
        "thesis_floor" => of(GRADES),
        "group" => of(GROUPS),
        "provider" => of(PROVIDERS),
        "outcome" | "secret" => of(OUTCOMES),
        "flags" => of(FLAGS),
        "problems" => of(DOUBTS).or_else(|| of(FINDINGS)),
        _ => None,
    }
}

/// Letters of an exam's public reference.
const EXAM_LETTERS: usize = 8;

/// A text of this field in words: codes one by one, what is no code as it is.
pub(super) fn text_words(field: &str, text: &str) -> String {
    let one = |code: &str| code_word(field, code).map(str::to_owned);
    match field {
        _ if text.is_empty() => "空".into(),
        "permissions" | "states" => text.split(',').map(|code| one(code).unwrap_or_else(|| code.to_owned())).collect::<Vec<_>>().join("、"),
        "problems" => text.split(',').map(finding).collect::<Vec<_>>().join("、"),
        // A role as it is held: for every exam, or for the one with this number.
        "roles" | "before" | "after" => match text.rsplit_once(':') {
            Some((role, "all")) => format!("{role}（全部考试）"),
            Some((role, exam)) if exam.len() == EXAM_LETTERS && exam.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) => {
                format!("{role}（考试 {exam}）")
            }
            _ => one(text).unwrap_or_else(|| text.to_owned()),
        },
        _ => one(text).unwrap_or_else(|| text.to_owned()),
    }
}

/// `blurred:front`: what is wrong, and with which side.
fn finding(code: &str) -> String {
    let (code, side) = code.split_once(':').unwrap_or((code, ""));
    let side = match side {
        "front" => "（正面）",
        "back" => "（背面）",
        _ => "",
    };
    format!("{}{side}", code_word("problems", code).unwrap_or(code))
}

const SIGNING_IN: Codes = &[("code", "密码和验证码"), ("passkey", "通行密钥"), ("password", "密码"), ("recovery", "密码和恢复码")];

/// How a face was shown; how is paid.
const WAYS: Codes = &[
    ("live", "刷脸核验"),
    ("file", "拍照上传"),
    ("holding", "手持证件照"),
    ("onsite", "现场核验"),
    ("page", "学校缴费页面"),
    ("free", "免费"),
    ("offline", "到校缴费"),
];

/// What was agreed to; which SMS; which question. Pictures have theirs in [`kind_word`].
const KINDS: Codes = &[
    ("privacy", "隐私政策"),
    ("identity", "证件信息处理"),
    ("face", "人脸"),
    ("face_photo", "人工审核照片"),
    ("code", "验证码"),
    ("state", "审核结果"),
    ("ticket", "准考证发布"),
    ("exam", "考试变动"),
    ("message", "通知群发"),
    ("text", "文字"),
    ("number", "数字"),
    ("choice", "单选"),
    ("date", "日期"),
    ("file", "上传图片"),
];

const OWNERS: Codes = &[("candidate", "考生"), ("exam", "考试"), ("school", "学校")];

const ROLES: Codes = &[
    ("registrar", "教务"),
    ("reviewer", "审核"),
    ("finance", "财务"),
    ("invigilator", "监考"),
    ("administrator", "技术管理员"),
    ("auditor", "审计"),
];

const STATES: Codes = &[
    ("drafting", "填写中"),
    ("awaiting_payment", "待缴费"),
    ("submitted", "待审核"),
    ("approved", "已通过"),
    ("returned", "已退回"),
    ("seated", "已编排"),
    ("released", "准考证已发布"),
    ("withdrawn", "已撤回"),
];

const REAL_NAMES: Codes =
    &[("none", "未认证"), ("pending", "识别中"), ("verified", "已实名"), ("failed", "未通过"), ("person", "人工审核中")];

const GRADES: Codes = &[("excellent", "优"), ("good", "良"), ("fair", "中"), ("pass", "及格"), ("fail", "不及格")];

const GROUPS: Codes =
    &[("general", "学校与外观"), ("sms", "短信"), ("service", "维护、保存期限与缴费"), ("review", "审核"), ("consents", "隐私与同意")];

const PROVIDERS: Codes =
    &[("none", "无"), ("outbox", "演示页面"), ("aliyun", "阿里云短信服务"), ("tencent", "腾讯云短信"), ("webhook", "学校自己的短信网关")];

const OUTCOMES: Codes = &[("sent", "已发出"), ("failed", "没有发出"), ("changed", "已更换")];

/// What staff were shown of a screenshot of an order.
const FLAGS: Codes = &[
    ("broken_picture", "截图打不开"),
    ("transfer_to_person", "转账给个人"),
    ("not_read", "没有识别"),
    ("not_a_receipt", "不像订单截图"),
    ("not_paid", "未支付成功"),
    ("status_missing", "没有支付状态"),
    ("refunded", "已退款"),
    ("partly_refunded", "部分退款"),
    ("several_orders", "不止一个订单"),
    ("amount_differs", "金额不符"),
    ("paid_outside", "不在缴费时间内"),
    ("transaction_mismatch", "交易单号有疑问"),
    ("payee_differs", "收款方不符"),
    ("corrected", "考生改过识别结果"),
    ("same_transaction", "交易单号重复"),
    ("same_picture", "截图重复"),
    ("similar_picture", "截图相似"),
    ("looks_edited", "疑似修改过"),
];

/// Why a person had to look at a document.
const DOUBTS: Codes = &[
    ("name_uncertain", "姓名未读准"),
    ("name_rare", "生僻字"),
    ("name_look_alike", "形近字"),
    ("number_uncertain", "号码未读准"),
    ("birth_mismatch", "出生日期不符"),
    ("sex_mismatch", "性别不符"),
    ("print_unread", "性别或生日未读到"),
    ("not_yet_valid", "未到有效期"),
    ("zone_unread", "机读码未读准"),
    ("latin_name", "字母姓名"),
    ("validity_uncertain", "有效期未读准"),
    ("portrait_uncertain", "头像未确定"),
    ("specimen", "样本证件"),
    ("other_document", "其他证件"),
    ("no_models", "无识别模型"),
    ("reader_failed", "识别未完成"),
    ("asked", "考生申请"),
    ("same_holder", "可能重复注册"),
];

/// What was wrong with a document or its pictures.
const FINDINGS: Codes = &[
    ("damaged", "照片打不开"),
    ("too_many_pixels", "照片尺寸太大"),
    ("name_differs", "姓名不一致"),
    ("number_differs", "号码不一致"),
    ("expired", "已过期"),
    ("too_small", "证件太小"),
    ("blurred", "模糊"),
    ("dark", "太暗"),
    ("glare", "反光"),
    ("cut_off", "没有拍全"),
    ("not_a_card", "没有找到证件"),
    ("sides_swapped", "正反面放反"),
    ("same_side", "两张是同一面"),
    ("copy", "像复印件"),
    ("screen", "像翻拍屏幕"),
    ("number_invalid", "号码没有读准"),
    ("validity_unreadable", "没有读到有效期限"),
    ("portrait_unreadable", "没有看清头像"),
    ("unreadable", "文字没有读全"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    #[test]
    fn codes_are_said_where_they_stand_and_nowhere_else() {
        assert!(Role::ALL.iter().all(|role| code_word("roles", role.code()).is_some()));
        assert_eq!(text_words("way", "holding"), "手持证件照");
        assert_eq!(text_words("reason", "holding"), "holding");
        assert_eq!(text_words("kind", "card_front"), "证件人像面");
        assert_eq!(text_words("kind", "unheard_of"), "unheard_of");
        assert_eq!(text_words("problems", "blurred:front,name_rare"), "模糊（正面）、生僻字");
        assert_eq!(text_words("permissions", "audit,look"), "查看操作日志、只读查看各项工作");
        assert_eq!(text_words("roles", "教务:all"), "教务（全部考试）");
        assert_eq!(text_words("after", "审核:EXAMPLE7"), "审核（考试 EXAMPLE7）");
        assert_eq!(text_words("roles", "registrar"), "教务");
    }
}
