//! The Chinese for what stands in the audit.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::values::text_words;
use crate::ports::sms::Kind;
use crate::types::Fen;

/// What an action is called on pages; the code itself has no place there, so an action that is not listed is 其他操作.
pub fn action_word(code: &str) -> &'static str {
    ACTIONS.iter().find(|(known, _)| *known == code).map_or("其他操作", |(_, word)| word)
}

/// What a subject is called.
pub fn subject_word(kind: &str) -> &'static str {
    match kind {
        "account" => "考生",
        "registration" => "报名",
        "exam" => "考试",
        "staff" => "工作人员",
        "picture" => "照片",
        "settings" => "设置",
        "roster" => "学籍库",
        "message" => "消息",
        "role" => "角色",
        "audit" => "操作日志",
        _ => "其他",
    }
}

/// What a line of the audit says beside its action, for reading, with the names of those staff members whom it knows by their row ids; the export has it as it
/// is stored.
pub(super) fn detail_words(detail: &str, names: &BTreeMap<i64, String>) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(detail) else { return detail.to_owned() };
    if let Some(issuer) = value.get_mut("issued_by")
        && let Some(name) = issuer.as_i64().and_then(|id| names.get(&id))
    {
        *issuer = name.as_str().into();
    }
    words_of("", &value)
}

/// The word for a field of a detail; `None` where it is not listed.
pub fn key_word(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, word)| *word)
}

/// A value in words; `field` is where it stands.
fn words_of(field: &str, value: &Value) -> String {
    match value {
        Value::Null => "无".into(),
        Value::Bool(true) => "是".into(),
        Value::Bool(false) => "否".into(),
        Value::Number(number) if field == "amount_fen" => Fen(number.as_i64().unwrap_or_default()).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text_words(field, text),
        Value::Array(list) if list.is_empty() => "无".into(),
        Value::Array(list) => list.iter().map(|value| words_of(field, value)).collect::<Vec<_>>().join("、"),
        Value::Object(fields) => fields.iter().map(|(key, value)| field_words(fields, field, key, value)).collect::<Vec<_>>().join("；"),
    }
}

fn field_words(fields: &Map<String, Value>, above: &str, key: &str, value: &Value) -> String {
    let word = match Kind::parse(key) {
        Some(kind) if above == "templates" => kind.word(),
        _ => key_word(key).unwrap_or(key),
    };
    // What was before and after is of the field that it stands in.
    let field = if matches!(key, "before" | "after") && !above.is_empty() { above } else { key };
    match value {
        Value::Object(_) => format!("{word}（{}）", words_of(field, value)),
        // A change of the settings has both in a list.
        Value::Array(both) if both.len() == 2 && fields.contains_key("group") => {
            format!("{word}：{} → {}", words_of(field, &both[0]), words_of(field, &both[1]))
        }
        _ => format!("{word}：{}", words_of(field, value)),
    }
}

/// The words for the fields of details; one that is not listed keeps its name.
const KEYS: &[(&str, &str)] = &[
    ("added", "新增"),
    ("address", "网络地址"),
    ("after", "现在"),
    ("amount_fen", "金额"),
    ("answered", "已回答的问题"),
    ("app", "SdkAppId"),
    ("approved", "通过"),
    ("at", "时间"),
    ("back_to", "恢复到"),
    ("before", "原来"),
    ("brand", "主色"),
    ("brand_strong", "按下时的颜色"),
    ("by", "验证方式"),
    ("by_two", "双人复核"),
    ("candidate_type", "考生类型"),
    ("capacity", "名额"),
    ("case", "审核件"),
    ("changed", "变化"),
    ("check", "审核编号"),
    ("checks", "身份核验"),
    ("closes_at", "报名截止"),
    ("code", "核验码编号"),
    ("columns", "列数"),
    ("daily_limit", "每日上限"),
    ("edit_until", "修改截止"),
    ("exam", "考试"),
    ("face", "人脸审核的退回原因"),
    ("fee", "报名费"),
    ("fee_name", "收费项目"),
    ("fields", "参数"),
    ("file", "文件"),
    ("filter", "条件"),
    ("first", "初审"),
    ("flags", "提示"),
    ("from", "从"),
    ("from_kind", "原证件类型"),
    ("gone", "移出"),
    ("group", "设置"),
    ("help_phone", "联系电话"),
    ("hint", "说明"),
    ("id", "模板编号"),
    ("identity", "实名审核的退回原因"),
    ("identity_text", "证件信息的用途"),
    ("in_full", "含完整号码"),
    ("issued_by", "发码老师"),
    ("kept_for_a_later_exam", "因别的考试保留的人数"),
    ("kept_for_an_open_case", "因案件待审核保留的人数"),
    ("key_id", "密钥编号"),
    ("kind", "种类"),
    ("label", "问题"),
    ("login", "登录名"),
    ("logo", "校徽编号"),
    ("logo_ref", "校徽"),
    ("maintenance", "维护模式"),
    ("maintenance_message", "维护说明"),
    ("major", "专业"),
    ("name", "名称"),
    ("notice_version", "须知版本"),
    ("of", "来自"),
    ("opens_at", "报名开始"),
    ("options", "选项"),
    ("others", "相似的账号数"),
    ("outcome", "结果"),
    ("owner", "所属编号"),
    ("owner_kind", "属于"),
    ("passkeys", "通行密钥"),
    ("pay_until", "缴费截止"),
    ("payee", "收款方"),
    ("payment", "缴费审核的退回原因"),
    ("payment_url", "缴费网址"),
    ("payment_way", "缴费方式"),
    ("people", "人数"),
    ("permissions", "权限"),
    ("phone", "手机号"),
    ("picture", "照片编号"),
    ("pictures", "照片张数"),
    ("pictures_days", "保存照片的天数"),
    ("price_li", "短信单价（厘）"),
    ("privacy_text", "隐私政策"),
    ("problems", "原因"),
    ("proof", "凭证编号"),
    ("provider", "服务商"),
    ("real_name_was", "原实名状态"),
    ("reason", "原因"),
    ("region", "地域"),
    ("released", "发布人数"),
    ("removed", "删除"),
    ("replaced", "替换原来的"),
    ("required", "必填"),
    ("role", "角色"),
    ("roles", "角色"),
    ("room", "考场"),
    ("rooms", "考场数"),
    ("roster", "学籍库"),
    ("rows", "行数"),
    ("school", "学校名称"),
    ("seated", "编排人数"),
    ("second_factor", "两步验证"),
    ("secret", "密钥"),
    ("seed", "随机种子"),
    ("sign", "短信签名"),
    ("similarity", "相似度"),
    ("site", "考点"),
    ("sms", "短信"),
    ("state", "状态"),
    ("states", "状态"),
    ("study_status", "在籍状态"),
    ("subject", "科目"),
    ("subjects", "科目"),
    ("templates", "短信模板"),
    ("thesis_floor", "论文等级"),
    ("thesis_grade", "论文等级"),
    ("ticket", "准考证号"),
    ("ticket_prefix", "准考证号前缀"),
    ("ticket_rules", "准考证上的须知"),
    ("title", "名称"),
    ("to", "到"),
    ("to_kind", "新证件类型"),
    ("told", "已发人数"),
    ("transaction", "交易单号"),
    ("unseated", "取消座位"),
    ("version", "版本"),
    ("way", "方式"),
];

/// Every action that the program writes; a test finds those that are missing.
const ACTIONS: &[(&str, &str)] = &[
    ("account.register", "注册账号"),
    ("account.sign_in", "考生登录"),
    ("account.reset_password", "短信重置密码"),
    ("account.change_password", "修改密码"),
    ("account.change_phone", "更换手机号"),
    ("account.rename", "修改姓名"),
    ("account.export", "导出本人信息"),
    ("account.close", "注销账号"),
    ("account.view", "查看完整信息"),
    ("account.correct_number", "更正证件号码"),
    ("account.correct_phone", "更换考生手机号"),
    ("consent.withdraw", "撤回同意"),
    ("picture.view", "查看照片"),
    ("identity.upload", "上传证件照片"),
    ("identity.passed", "实名认证通过"),
    ("identity.failed", "实名认证未通过"),
    ("identity.person", "实名转人工审核"),
    ("identity.ask_for_a_person", "申请人工审核实名"),
    ("identity.open", "打开实名审核"),
    ("identity.approve", "实名审核通过"),
    ("identity.first", "实名审核初审通过"),
    ("identity.return", "实名审核退回"),
    ("roster.create", "新建学籍库"),
    ("roster.upload", "上传学籍表"),
    ("roster.cancel", "取消导入学籍"),
    ("roster.apply", "导入学籍"),
    ("roster.roll_back", "撤回学籍导入"),
    ("roster.errors", "下载学籍错误表"),
    ("roster.remove", "删除学籍库"),
    ("exam.create", "新建考试"),
    ("exam.edit", "修改考试"),
    ("exam.question", "修改考试的附加问题"),
    ("exam.eligibility", "修改报名范围"),
    ("exam.publish", "发布考试"),
    ("exam.close", "关闭考试"),
    ("exam.copy", "复制考试"),
    ("exam.archive", "归档考试"),
    ("exam.restore", "取消归档考试"),
    ("exam.extend", "延长报名时间"),
    ("exam.payment_picture", "更换缴费二维码"),
    ("face.open", "打开人脸审核"),
    ("face.approve", "人脸审核通过"),
    ("face.first", "人脸审核初审通过"),
    ("face.return", "人脸审核退回"),
    ("face.issue_code", "生成现场核验码"),
    ("face.onsite", "现场核验通过"),
    ("review.undo", "撤销审核决定"),
    ("payment.view", "查看订单截图"),
    ("payment.approve", "缴费审核通过"),
    ("payment.bulk", "批量审核"),
    ("payment.bulk_stop", "停止批量审核"),
    ("payment.first", "缴费审核初审通过"),
    ("payment.return", "缴费审核退回"),
    ("registration.export", "导出报名表格"),
    ("registration.note", "添加报名备注"),
    ("seating.add_room", "添加考场"),
    ("seating.remove_room", "删除考场"),
    ("seating.arrange", "编排座位"),
    ("seating.undo", "撤销编排"),
    ("seating.release", "发布准考证"),
    ("ticket.verify", "核验准考证"),
    ("settings.change", "修改设置"),
    ("settings.consents", "修改隐私与同意的文字"),
    ("settings.test_sms", "发送测试短信"),
    ("message.send", "群发消息"),
    ("message.cancel", "取消群发消息"),
    ("message.resend_sms", "重发短信"),
    ("exam.forget_pictures", "到期删除照片"),
    ("picture.forget_unregistered", "到期删除未报名考生的照片"),
    ("staff.create", "新建工作人员"),
    ("staff.sign_in", "工作人员登录"),
    ("staff.sign_in_failed", "工作人员登录失败"),
    ("staff.invite", "邀请工作人员"),
    ("staff.link", "重发设置密码的链接"),
    ("staff.join", "接受邀请并设置密码"),
    ("staff.roles", "修改工作人员的角色"),
    ("staff.lock", "停用工作人员"),
    ("staff.unlock", "恢复工作人员"),
    ("staff.end_sessions", "结束登录"),
    ("staff.reset_second", "重置两步验证和通行密钥"),
    ("staff.second_on", "开启两步验证"),
    ("staff.second_off", "关闭两步验证"),
    ("staff.second_codes", "更换恢复码"),
    ("staff.passkey_add", "添加通行密钥"),
    ("staff.passkey_remove", "删除通行密钥"),
    ("staff.change_password", "工作人员修改密码"),
    ("role.create", "新建角色"),
    ("role.edit", "修改角色"),
    ("role.delete", "删除角色"),
    ("audit.export", "导出操作日志"),
    ("audit.purge", "清理到期的操作日志"),
];

/// Codes and words of every action, for a list to choose from.
pub(super) fn actions() -> &'static [(&'static str, &'static str)] {
    ACTIONS
}

#[cfg(test)]
mod tests;
