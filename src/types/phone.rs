//! Phone numbers: mainland, Hong Kong, Macau, Taiwan.

use crate::error::Result;

/// A mobile number in its normal form: 11 digits for the mainland, `+852…`, `+853…`, `+886…` else.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl std::fmt::Debug for Phone {
    /// Masked: numbers must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl Phone {
    /// Reads what a person typed.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let text: String = super::document::normalise(typed).chars().filter(|c| !matches!(c, '(' | ')')).collect();
        let text = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086")).map_or(text.clone(), str::to_owned);
        let digits = text.strip_prefix('+').unwrap_or(&text);
        if text.is_empty() {
            return Err("请输入手机号。");
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("手机号只能是数字，请核对。");
        }
        let fits = if let Some(rest) = text.strip_prefix("+852").or_else(|| text.strip_prefix("+853")) {
            rest.len() == 8
        } else if let Some(rest) = text.strip_prefix("+886") {
            (9..=10).contains(&rest.len())
        } else {
            text.len() == 11 && text.starts_with('1') && !matches!(text.as_bytes()[1], b'0' | b'1' | b'2')
        };
        if fits { Ok(Self(text)) } else { Err("请输入 11 位手机号；港澳台号码请以 +852、+853 或 +886 开头。") }
    }

    /// A number out of our own store.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `138****1234`, for lists.
    pub fn masked(&self) -> String {
        let count = self.0.len();
        if count < 8 { "*".repeat(count) } else { format!("{}****{}", &self.0[..count - 8], &self.0[count - 4..]) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_ways_of_typing_a_number_are_one_number() {
        for typed in ["13812341234", "138 1234 1234", "+86 138-1234-1234", "１３８１２３４１２３４"] {
            assert_eq!(Phone::parse(typed).expect("a phone").as_str(), "13812341234");
        }
        assert!(Phone::parse("+85261234567").is_ok());
        assert!(Phone::parse("12812341234").is_err());
        assert!(Phone::parse("1381234123").is_err());
        assert_eq!(Phone::parse("13812341234").expect("a phone").masked(), "138****1234");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,20}") {
            let _ = Phone::parse(&text);
        }
    }
}
