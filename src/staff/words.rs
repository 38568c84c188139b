//! The Chinese for what stands in the audit.

use serde_json::Value;

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

/// What a line of the audit says beside its action, for reading; the export has it as it is stored.
pub(super) fn detail_words(detail: &str) -> String {
    match serde_json::from_str(detail) {
        Ok(value) => words_of(&value),
        Err(_) => detail.to_owned(),
    }
}

fn words_of(value: &Value) -> String {
    match value {
        Value::Null => "无".into(),
        Value::Bool(true) => "是".into(),
        Value::Bool(false) => "否".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "空".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words_of).collect::<Vec<_>>().join("、"),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                let word = KEYS.iter().find(|(known, _)| known == key).map_or(key.as_str(), |(_, word)| *word);
                if value.is_object() { format!("{word}（{}）", words_of(value)) } else { format!("{word}：{}", words_of(value)) }
            };
            fields.iter().map(field).collect::<Vec<_>>().join("；")
        }
    }
}

/// The words for the fields of details; one that is not listed keeps its name.
const KEYS: &[(&str, &str)] = &[
    ("added", "新增"),
    ("address", "网络地址"),
    ("after", "现在"),
    ("approved", "通过"),
    ("at", "时间"),
    ("back_to", "恢复到"),
    ("before", "原来"),
    ("by", "验证方式"),
    ("by_two", "双人复核"),
    ("candidate_type", "考生类型"),
    ("capacity", "名额"),
    ("case", "审核件"),
    ("changed", "变化"),
    ("check", "审核编号"),
    ("checks", "身份核验"),
    ("closes_at", "报名截止"),
    ("daily_limit", "每日上限"),
    ("edit_until", "修改截止"),
    ("exam", "考试"),
    ("face", "人脸审核的退回原因"),
    ("fee", "报名费"),
    ("fee_name", "收费项目"),
    ("file", "文件"),
    ("filter", "条件"),
    ("flags", "提示"),
    ("from", "从"),
    ("gone", "移出"),
    ("group", "设置"),
    ("hint", "说明"),
    ("identity", "实名审核的退回原因"),
    ("identity_text", "证件信息的用途"),
    ("in_full", "含完整号码"),
    ("kind", "种类"),
    ("label", "问题"),
    ("login", "登录名"),
    ("major", "专业"),
    ("name", "名称"),
    ("notice_version", "须知版本"),
    ("of", "来自"),
    ("opens_at", "报名开始"),
    ("options", "选项"),
    ("outcome", "结果"),
    ("pay_until", "缴费截止"),
    ("payee", "收款方"),
    ("payment", "缴费审核的退回原因"),
    ("payment_url", "缴费网址"),
    ("payment_way", "缴费方式"),
    ("people", "人数"),
    ("permissions", "权限"),
    ("phone", "手机号"),
    ("picture", "照片编号"),
    ("price_li", "短信单价（厘）"),
    ("privacy_text", "隐私政策"),
    ("problems", "原因"),
    ("proof", "凭证编号"),
    ("provider", "服务商"),
    ("reason", "原因"),
    ("removed", "删除"),
    ("required", "必填"),
    ("role", "角色"),
    ("roles", "角色"),
    ("room", "考场"),
    ("roster", "学籍库"),
    ("seated", "编排人数"),
    ("second_factor", "两步验证"),
    ("secret", "密钥"),
    ("seed", "随机种子"),
    ("similarity", "相似度"),
    ("sms", "短信"),
    ("state", "状态"),
    ("states", "状态"),
    ("subject", "科目"),
    ("subjects", "科目"),
    ("thesis_floor", "论文等级"),
    ("ticket_prefix", "准考证号前缀"),
    ("ticket_rules", "准考证上的须知"),
    ("title", "名称"),
    ("to", "到"),
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
    ("staff.reset_second", "重置两步验证"),
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
mod tests {
    use std::path::Path;

    use super::*;

    /// Every `action: "…"` below `folder`, with its file.
    fn actions_in(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                actions_in(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("source");
                // In an entry, or given to `note` of the staff's actions.
                for part in text.split(" action: \"").skip(1).chain(text.split("note(app, &mut tx, \"").skip(1)) {
                    found.push((path.display().to_string(), part.split('"').next().unwrap_or_default().to_owned()));
                }
            }
        }
    }

    #[test]
    fn every_action_has_its_word() {
        let mut found = Vec::new();
        actions_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found.retain(|(file, _)| !file.ends_with("words.rs"));
        assert!(found.iter().any(|(_, action)| action == "staff.roles"));
        for (file, action) in found {
            assert_ne!(action_word(&action), "其他操作", "{file} writes {action}: add its word to src/staff/words.rs");
        }
    }

    #[test]
    fn a_detail_is_read_as_words() {
        let detail =
            r#"{"reason":"照片模糊。","people":3,"before":{"title":"旧","unheard_of":null},"roles":["审核","财务"],"approved":true}"#;
        let words = detail_words(detail);
        for part in ["通过：是", "原来（名称：旧；unheard_of：无）", "人数：3", "原因：照片模糊。", "角色：审核、财务"]
        {
            assert!(words.contains(part), "{words}");
        }
        assert_eq!(detail_words("no json"), "no json");
    }
}
