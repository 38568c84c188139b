//! Names of people: any Han character up to Extension H, the middle dot in all its look-alikes, Latin letters and spaces.

use unicode_normalization::UnicodeNormalization;

use crate::error::Result;

/// A name in its normal form: NFC, one kind of middle dot, single spaces; 1 to 50 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

const MAX_CHARS: usize = 50;

impl PersonName {
    /// Reads what a person typed.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let text = normalise(typed);
        if text.is_empty() {
            return Err("请输入身份证上的真实姓名。");
        }
        if text.chars().count() > MAX_CHARS {
            return Err("姓名不能超过 50 个字。");
        }
        if text.chars().any(is_private_use) {
            return Err("姓名中有输入法自造的字，别的电脑认不出。请用下方的“生僻字”帮助输入，或联系学校。");
        }
        if !text.chars().all(is_allowed) || !text.chars().any(|c| is_han(c) || c.is_ascii_alphabetic()) {
            return Err("姓名只能有汉字、字母、间隔号和空格，请与身份证上一致。");
        }
        Ok(Self(text))
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two names are the same text once normalised (NFC, dots, spaces, letter case).
pub fn same_name(a: &str, b: &str) -> bool {
    normalise(a).to_uppercase() == normalise(b).to_uppercase()
}

fn normalise(typed: &str) -> String {
    let folded: String = typed
        .chars()
        .take(4 * MAX_CHARS)
        .map(|c| match c {
            '\u{2022}' | '\u{30FB}' | '\u{FF0E}' | '.' | '\u{2027}' | '\u{22C5}' | '\u{2219}' | '\u{FF65}' | '\u{25CF}' | '\u{00B7}' => {
                '\u{00B7}'
            }
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .nfc()
        .collect();
    let mut text = String::with_capacity(folded.len());
    for word in folded.split(' ').filter(|w| !w.is_empty()) {
        // Between Han characters a space is a slip of the keyboard; between Latin words it belongs to the name.
        if text.chars().last().is_some_and(|c| c.is_ascii_alphabetic()) && word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn is_private_use(c: char) -> bool {
    matches!(c as u32, 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF)
}

fn is_allowed(c: char) -> bool {
    is_han(c) || c.is_ascii_alphabetic() || matches!(c, '\u{00B7}' | ' ' | '-' | '\'')
}

/// Han characters: URO, Extensions A–H, compatibility ideographs, 〇.
fn is_han(c: char) -> bool {
    matches!(c as u32, 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x2_FA1F | 0x3_0000..=0x3_23AF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rare_names_are_kept_whole() {
        for name in ["㛃", "䶮", "𬱖", "王喆", "阿依古丽·买买提", "张𠮷"] {
            assert_eq!(PersonName::parse(name).expect("a name").as_str(), name);
        }
    }

    #[test]
    fn every_look_alike_of_the_middle_dot_is_one_dot() {
        for dot in ["·", "•", "・", "．", ".", "‧"] {
            assert_eq!(PersonName::parse(&format!("阿依古丽{dot}买买提")).expect("a name").as_str(), "阿依古丽·买买提");
        }
    }

    #[test]
    fn spaces_are_folded_by_script() {
        assert_eq!(PersonName::parse(" 王  喆 ").expect("a name").as_str(), "王喆");
        assert_eq!(PersonName::parse("Mary  Ann").expect("a name").as_str(), "Mary Ann");
    }

    #[test]
    fn private_characters_digits_and_long_texts_are_refused_with_advice() {
        assert!(PersonName::parse("王\u{E123}").unwrap_err().contains("自造"));
        assert!(PersonName::parse("王3").is_err());
        assert!(PersonName::parse("·").is_err());
        assert!(PersonName::parse("").is_err());
        assert!(PersonName::parse(&"王".repeat(51)).unwrap_err().contains("50"));
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent(text in "\\PC{0,60}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
            }
        }
    }
}
