//! Identity documents: which a region offers, how a number is written, and what makes two numbers the same person's. Sources: GB 11643-1999; the formats are in docs/GLOSSARY.md.

use baokao_vision::number::{self, NumberProblem};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Where the candidate's document comes from (地区).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// 中国大陆
    Mainland,
    /// 香港
    HongKong,
    /// 澳门
    Macau,
    /// 台湾
    Taiwan,
}

impl Region {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Mainland, Self::HongKong, Self::Macau, Self::Taiwan];

    /// Stable code for forms and rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mainland => "mainland",
            Self::HongKong => "hong_kong",
            Self::Macau => "macau",
            Self::Taiwan => "taiwan",
        }
    }

    /// The word on the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mainland => "中国大陆",
            Self::HongKong => "香港",
            Self::Macau => "澳门",
            Self::Taiwan => "台湾",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|r| r.code() == code).ok_or("请选择地区。")
    }

    /// The documents that this region offers, the usual one first.
    pub fn documents(self) -> &'static [DocumentKind] {
        match self {
            Self::Mainland => &[DocumentKind::ResidentCard, DocumentKind::ForeignPermanentResident, DocumentKind::Passport],
            Self::HongKong | Self::Macau => &[DocumentKind::ResidencePermit, DocumentKind::HongKongMacauPermit],
            Self::Taiwan => &[DocumentKind::ResidencePermit, DocumentKind::TaiwanPermit],
        }
    }
}

/// The kind of identity document (证件类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 居民身份证
    ResidentCard,
    /// 港澳台居民居住证
    ResidencePermit,
    /// 港澳居民来往内地通行证
    HongKongMacauPermit,
    /// 台湾居民来往大陆通行证
    TaiwanPermit,
    /// 外国人永久居留身份证
    ForeignPermanentResident,
    /// 护照
    Passport,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::ResidentCard,
        Self::ResidencePermit,
        Self::HongKongMacauPermit,
        Self::TaiwanPermit,
        Self::ForeignPermanentResident,
        Self::Passport,
    ];

    /// Stable code for forms and rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::ResidentCard => "resident_card",
            Self::ResidencePermit => "residence_permit",
            Self::HongKongMacauPermit => "hk_macau_permit",
            Self::TaiwanPermit => "taiwan_permit",
            Self::ForeignPermanentResident => "foreign_permanent",
            Self::Passport => "passport",
        }
    }

    /// The word on the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::ResidentCard => "居民身份证",
            Self::ResidencePermit => "港澳台居民居住证",
            Self::HongKongMacauPermit => "港澳居民来往内地通行证",
            Self::TaiwanPermit => "台湾居民来往大陆通行证",
            Self::ForeignPermanentResident => "外国人永久居留身份证",
            Self::Passport => "护照",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|k| k.code() == code).ok_or("请选择证件类型。")
    }
}

/// A number that fits the rule of its kind, in its normal form (half-width, upper case, no spaces).
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentNumber {
    kind: DocumentKind,
    text: String,
}

impl std::fmt::Debug for DocumentNumber {
    /// Masked: numbers must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DocumentNumber({})", self.masked())
    }
}

impl DocumentNumber {
    /// Reads what a person typed. `today` is needed because a birth date cannot lie ahead.
    pub fn parse(kind: DocumentKind, typed: &str, today: jiff::civil::Date) -> Result<Self, &'static str> {
        let text = normalise(typed);
        if text.is_empty() {
            return Err("请输入证件号码。");
        }
        // The rules below cut the number at byte positions.
        if !text.is_ascii() {
            return Err("证件号码只能有数字和字母，请核对。");
        }
        match kind {
            DocumentKind::ResidentCard => check_resident(&text, today)?,
            DocumentKind::ResidencePermit => {
                check_resident(&text, today)?;
                if !["810000", "820000", "830000"].contains(&&text[..6]) {
                    return Err("港澳台居民居住证号码应以 810000、820000 或 830000 开头，请核对。");
                }
            }
            DocumentKind::HongKongMacauPermit => {
                let (letters, digits) = split_letters(&text);
                let fits = match letters {
                    "H" | "M" => digits.len() == 8 || digits.len() == 10,
                    "HA" | "MA" => digits.len() == 7,
                    _ => false,
                };
                if !fits || !all_digits(digits) {
                    return Err("通行证号码应为 H 或 M 开头加 8 位数字，请核对。");
                }
            }
            DocumentKind::TaiwanPermit => {
                let plain = text.len() == 8 && all_digits(&text);
                let single_entry = (10..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
                if !plain && !single_entry {
                    return Err("台湾居民来往大陆通行证号码应为 8 位数字，请核对。");
                }
            }
            DocumentKind::ForeignPermanentResident => {
                let old = text.len() == 15 && text[..3].bytes().all(|b| b.is_ascii_uppercase()) && all_digits(&text[3..]);
                if !old {
                    if !text.starts_with('9') {
                        return Err("外国人永久居留身份证号码应为 9 开头的 18 位号码，请核对。");
                    }
                    check_resident(&text, today)?;
                }
            }
            DocumentKind::Passport => {
                if !(5..=20).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Err("护照号码应为 5 至 20 位字母和数字，请核对。");
                }
            }
        }
        Ok(Self { kind, text })
    }

    /// A number out of our own store, checked when it was written.
    pub fn stored(kind: DocumentKind, text: String) -> Self {
        Self { kind, text }
    }

    /// The kind.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The normal form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether our own reader reads the document. Editions that are no more issued have no reader and go to a person by design: the permits of Hong Kong and
    /// Macao residents of 1999, the booklets of Taiwan residents, and the cards of foreign residents of before 2023.
    pub fn is_read_by_machine(&self) -> bool {
        match self.kind {
            DocumentKind::ResidentCard | DocumentKind::ResidencePermit | DocumentKind::Passport => true,
            DocumentKind::HongKongMacauPermit => self.text.len() == 9,
            DocumentKind::TaiwanPermit => self.text.len() == 8,
            DocumentKind::ForeignPermanentResident => self.text.len() == 18,
        }
    }

    /// What makes two documents one account: a renewed Hong Kong and Macau permit keeps its first nine characters.
    pub fn account_key(&self) -> String {
        match self.kind {
            DocumentKind::HongKongMacauPermit => format!("{}:{}", self.kind.code(), &self.text[..9]),
            // A resident card and a residence permit share one number space.
            DocumentKind::ResidentCard | DocumentKind::ResidencePermit => format!("gb11643:{}", self.text),
            _ => format!("{}:{}", self.kind.code(), self.text),
        }
    }

    /// `430105********123X`, for lists.
    pub fn masked(&self) -> String {
        let shown = if self.text.len() >= 15 { (6, 4) } else { (2, 2) };
        let count = self.text.len();
        let hidden = count.saturating_sub(shown.0 + shown.1);
        format!("{}{}{}", &self.text[..shown.0.min(count)], "*".repeat(hidden), &self.text[count - shown.1.min(count)..])
    }

    /// `430105 1990 0102 123X`, for reading; never the value of a field.
    pub fn grouped(&self) -> String {
        if self.text.len() == 18 {
            format!("{} {} {} {}", &self.text[..6], &self.text[6..10], &self.text[10..14], &self.text[14..])
        } else {
            self.text.clone()
        }
    }

    /// Birth date, where the number carries one.
    pub fn birth(&self) -> Option<jiff::civil::Date> {
        number::check(&self.text).ok().map(|facts| facts.birth)
    }

    /// `男` or `女`, where the number carries it (17th digit odd = male).
    pub fn sex(&self) -> Option<&'static str> {
        number::check(&self.text).ok().map(|facts| match facts.sex {
            baokao_vision::Sex::Male => "男",
            baokao_vision::Sex::Female => "女",
        })
    }
}

/// Half-width, upper case, without spaces and hyphens: how every number is compared.
pub fn normalise(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－'))
        .map(|c| match c {
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '×' | '╳' => 'X',
            c => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .take(40)
        .collect()
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn split_letters(text: &str) -> (&str, &str) {
    let at = text.bytes().position(|b| b.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(at)
}

fn check_resident(text: &str, today: jiff::civil::Date) -> Result<(), &'static str> {
    let facts = number::check(text).map_err(|problem| match problem {
        NumberProblem::Length | NumberProblem::Characters => "证件号码应为 18 位数字，最后一位可以是 X，请核对。",
        NumberProblem::Birth => "号码中的出生日期不存在，请核对第 7 至 14 位。",
        NumberProblem::Check => "证件号码有误，请逐位核对身份证上的号码。",
    })?;
    if facts.birth > today { Err("号码中的出生日期不对，请核对第 7 至 14 位。") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> jiff::civil::Date {
        jiff::civil::date(2026, 11, 23)
    }

    fn parse(kind: DocumentKind, text: &str) -> Result<DocumentNumber, &'static str> {
        DocumentNumber::parse(kind, text, today())
    }

    #[test]
    fn the_standards_example_passes_however_it_is_typed() {
        for typed in ["11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 1949 1231 002x "]
        {
            let number = parse(DocumentKind::ResidentCard, typed).expect("a good number");
            assert_eq!(number.text(), "11010519491231002X");
            assert_eq!(number.sex(), Some("女"));
            assert_eq!(number.birth(), Some(jiff::civil::date(1949, 12, 31)));
            assert_eq!(number.masked(), "110105********002X");
            assert_eq!(number.grouped(), "110105 1949 1231 002X");
        }
    }

    #[test]
    fn a_wrong_check_digit_and_an_impossible_birth_date_are_named() {
        assert!(parse(DocumentKind::ResidentCard, "110105194912310021").unwrap_err().contains("逐位核对"));
        assert!(parse(DocumentKind::ResidentCard, "11010519490231002X").unwrap_err().contains("出生日期不存在"));
        assert!(parse(DocumentKind::ResidentCard, "110105294912310028").unwrap_err().contains("出生日期不对"));
        assert!(parse(DocumentKind::ResidentCard, "1101051949123100").unwrap_err().contains("18 位"));
    }

    #[test]
    fn each_kind_has_its_own_rule() {
        assert!(parse(DocumentKind::HongKongMacauPermit, "h12345678").is_ok());
        assert!(parse(DocumentKind::HongKongMacauPermit, "H1234567801").is_ok());
        assert!(parse(DocumentKind::HongKongMacauPermit, "HA1234567").is_ok());
        assert!(parse(DocumentKind::HongKongMacauPermit, "X12345678").is_err());
        assert!(parse(DocumentKind::TaiwanPermit, "12345678").is_ok());
        assert!(parse(DocumentKind::TaiwanPermit, "1234567").is_err());
        assert!(parse(DocumentKind::ResidencePermit, "11010519491231002X").is_err());
        assert!(parse(DocumentKind::Passport, "E12345678").is_ok());
    }

    #[test]
    fn editions_without_a_reader_are_known_by_their_numbers() {
        let read = |kind, text| parse(kind, text).expect("a number").is_read_by_machine();
        assert!(read(DocumentKind::HongKongMacauPermit, "H12345678") && !read(DocumentKind::HongKongMacauPermit, "H1234567801"));
        assert!(read(DocumentKind::TaiwanPermit, "12345678") && !read(DocumentKind::TaiwanPermit, "T123456789"));
        assert!(!read(DocumentKind::ForeignPermanentResident, "CAN110081080310"));
        assert!(read(DocumentKind::ResidentCard, "11010519491231002X") && read(DocumentKind::Passport, "E12345678"));
    }

    #[test]
    fn a_renewed_permit_is_the_same_person() {
        let old = parse(DocumentKind::HongKongMacauPermit, "H1234567801").expect("old");
        let new = parse(DocumentKind::HongKongMacauPermit, "H12345678").expect("new");
        assert_eq!(old.account_key(), new.account_key());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,30}") {
            for kind in DocumentKind::ALL {
                let _ = parse(kind, &text);
            }
        }

        #[test]
        fn one_wrong_digit_is_always_caught(place in 0usize..17, add in 1u8..10) {
            let mut bytes = b"11010519491231002X".to_vec();
            bytes[place] = b'0' + (bytes[place] - b'0' + add) % 10;
            let text = String::from_utf8(bytes).expect("ascii");
            prop_assert!(parse(DocumentKind::ResidentCard, &text).is_err());
        }
    }
}
