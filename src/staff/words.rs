//! The Chinese for what stands in the audit.

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
    ("face.return", "人脸审核退回"),
    ("face.issue_code", "生成现场核验码"),
    ("face.onsite", "现场核验通过"),
    ("review.undo", "撤销审核决定"),
    ("payment.view", "查看订单截图"),
    ("payment.approve", "缴费审核通过"),
    ("payment.return", "缴费审核退回"),
    ("registration.export", "导出报名表格"),
    ("seating.add_room", "添加考场"),
    ("seating.remove_room", "删除考场"),
    ("seating.arrange", "编排座位"),
    ("seating.undo", "撤销编排"),
    ("seating.release", "发布准考证"),
    ("ticket.verify", "核验准考证"),
    ("settings.change", "修改设置"),
    ("settings.test_sms", "发送测试短信"),
    ("message.send", "群发消息"),
    ("message.cancel", "取消群发消息"),
    ("message.resend_sms", "重发短信"),
    ("exam.forget_pictures", "到期删除照片"),
    ("staff.create", "新建工作人员"),
    ("staff.sign_in", "工作人员登录"),
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
}
