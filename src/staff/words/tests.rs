//! Every action and every field that the source writes has its word, and both are read as words.

use std::path::Path;

use super::*;

/// Every file of the source below `folder`, with what stands in it.
fn files_in(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the source") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("source")));
        }
    }
}

/// The source, but for the words themselves.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|(file, _)| !file.contains("staff/words"));
    found
}

/// Every `action: "…"` in a file: in an entry, or given to `note` of the staff's actions.
fn actions_in(text: &str) -> Vec<String> {
    let parts = text.split(" action: \"").skip(1).chain(text.split("note(app, &mut tx, \"").skip(1));
    parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_action_has_its_word() {
    let found = sources();
    let actions: Vec<(String, String)> =
        found.iter().flat_map(|(file, text)| actions_in(text).into_iter().map(|action| (file.clone(), action))).collect();
    assert!(actions.iter().any(|(_, action)| action == "staff.roles"));
    for (file, action) in actions {
        assert_ne!(action_word(&action), "其他操作", "{file} writes {action}: add its word to src/staff/words.rs");
    }
}

/// The keys of every detail that a file writes.
fn keys_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let body_of = |at: usize| {
        let mut depth = 0;
        let is_end = |c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        };
        text[at..].find(is_end).map_or("", |end| &text[at..at + end])
    };
    for (at, sign) in text.match_indices("json!({") {
        let statement = text[..at].rsplit(';').next().unwrap_or_default();
        let is_detail = ["detail", "filter", "note(", "note_role(", "log(", "write(", "clear("].iter().any(|sign| statement.contains(sign));
        if is_detail && !statement.contains("payload") {
            let parts: Vec<&str> = body_of(at + sign.len() - 1).split('"').collect();
            let keys = parts.windows(2).skip(1).step_by(2).filter(|pair| pair[1].starts_with(':'));
            found.extend(keys.map(|pair| pair[0].to_owned()));
        }
    }
    for part in text.split("detail.insert(\"").skip(1).chain(text.split("detail[\"").skip(1)) {
        found.push(part.split('"').next().unwrap_or_default().to_owned());
    }
    found
}

#[test]
fn every_field_of_a_detail_has_its_word() {
    let found = sources();
    let keys: Vec<(String, String)> =
        found.iter().flat_map(|(file, text)| keys_in(text).into_iter().map(|key| (file.clone(), key))).collect();
    for known in ["kept_for_a_later_exam", "amount_fen", "issued_by", "secret", "check", "login", "role"] {
        assert!(keys.iter().any(|(_, key)| key == known), "{known} was not found: the search is broken");
    }
    for (file, key) in keys {
        assert!(key_word(&key).is_some(), "{file} writes {key}: add its word to src/staff/words.rs");
    }
    assert!(KEYS.is_sorted(), "in the order of their keys");
}

#[test]
fn a_detail_is_read_as_words() {
    let said = |detail: &str| detail_words(detail, &BTreeMap::from([(7, "陈老师".to_owned())]));
    let detail = r#"{"reason":"照片模糊。","people":3,"before":{"title":"旧","unheard_of":null},"roles":["审核","财务"],"approved":true}"#;
    let words = said(detail);
    for part in ["通过：是", "原来（名称：旧；unheard_of：无）", "人数：3", "原因：照片模糊。", "角色：审核、财务"]
    {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(said("no json"), "no json");
    assert_eq!(said(r#"{"by":"passkey"}"#), "验证方式：通行密钥");
    assert_eq!(said(r#"{"by":"code","name":"code"}"#), "验证方式：密码和验证码；名称：code");
    assert_eq!(said(r#"{"issued_by":7}"#), "发码老师：陈老师");
    assert_eq!(said(r#"{"issued_by":8}"#), "发码老师：8");
    assert_eq!(said(r#"{"kind":"holding","owner_kind":"candidate"}"#), "种类：手持证件照；属于：考生");
    assert_eq!(said(r#"{"amount_fen":8000,"way":"page"}"#), "金额：¥80.00；方式：学校缴费页面");
    assert_eq!(said(r#"{"group":"service","maintenance":[false,true]}"#), "设置：维护、保存期限与缴费；维护模式：否 → 是");
    let permissions = said(r#"{"permissions":{"before":"audit","after":"audit,look"}}"#);
    assert_eq!(permissions, "权限（现在：查看操作日志、只读查看各项工作；原来：查看操作日志）");
    let templates = said(r#"{"group":"sms","templates":[{},{"code":{"id":"SMS_1","fields":"code=code"}}]}"#);
    assert!(templates.contains("短信模板： → 验证码（参数：code=code；模板编号：SMS_1）"), "{templates}");
}
