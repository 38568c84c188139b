//! 外国人永久居留身份证 of 2023, with the number of 18 digits.

use image::RgbImage;
use jiff::civil::Date;

use super::permit::latin;
use super::{CARD, INK, LABEL, Sheet, day, term};
use crate::canvas::{Align, Type};
use crate::fonts::Fonts;

/// An area code for specimens: foreigners' numbers begin with 9; 00 is no province, 999 no state.
pub const NOWHERE: u32 = 900_999;

/// What the card says.
#[derive(Debug, Clone)]
pub struct Card {
    /// Name in Han characters; empty where the holder has none.
    pub name: String,
    /// Latin surname and given names.
    pub latin: (String, String),
    /// 男 or 女
    pub sex: String,
    /// Date of birth.
    pub birth: Date,
    /// 国籍, as printed: `加拿大/CAN`.
    pub nationality: String,
    /// Number of 18 characters; see [`crate::number::resident`] with [`NOWHERE`].
    pub number: String,
    /// 签发机关
    pub authority: String,
    /// 有效期限
    pub valid: (Date, Date),
    /// The photograph; none: a silhouette.
    pub portrait: Option<RgbImage>,
}

/// Draws the side with the portrait.
#[must_use]
pub fn front(fonts: &Fonts, card: &Card) -> RgbImage {
    let mut sheet = Sheet::new(fonts, CARD);
    let mut field = |y: f32, label: &str, value: &str| {
        if !value.is_empty() {
            sheet.line(Type::new(19.0, LABEL), Align::Left, 56.0, y, 170.0, label);
            sheet.line(Type::new(28.0, INK), Align::Left, 236.0, y, 290.0, value);
        }
    };
    field(70.0, "英文姓名/Name", &latin(&card.latin));
    field(130.0, "中文姓名", &card.name);
    field(190.0, "性别/Sex", if card.sex == "男" { "男/M" } else { "女/F" });
    field(250.0, "出生日期/Date of Birth", &day(card.birth));
    field(310.0, "国籍/Nationality", &card.nationality);
    sheet.photograph(card.portrait.as_ref(), (552.0, 78.0, 250.0, 308.0));
    sheet.line(Type::new(22.0, LABEL), Align::Left, 56.0, 440.0, 190.0, "证件号码/ID No.");
    sheet.line(Type::new(38.0, INK).spaced(3.0), Align::Left, 262.0, 440.0, 540.0, &card.number);
    sheet.mark(816.0, 30.0);
    sheet.mark(816.0, 516.0);
    sheet.finish()
}

/// Draws the other side.
#[must_use]
pub fn back(fonts: &Fonts, card: &Card) -> RgbImage {
    let mut sheet = Sheet::new(fonts, CARD);
    sheet.line(Type::new(46.0, INK).bold().spaced(22.0), Align::Centre, 428.0, 90.0, 620.0, "中华人民共和国");
    sheet.line(Type::new(56.0, INK).bold().spaced(6.0), Align::Centre, 428.0, 168.0, 700.0, "外国人永久居留身份证");
    sheet.line(Type::new(21.0, INK), Align::Centre, 428.0, 222.0, 700.0, "PEOPLE'S REPUBLIC OF CHINA");
    sheet.line(Type::new(21.0, INK), Align::Centre, 428.0, 254.0, 700.0, "FOREIGN PERMANENT RESIDENT ID CARD");
    for (y, label, value) in [
        (370.0, "签发机关/Issuing Authority", card.authority.clone()),
        (440.0, "有效期限/Period of Validity", term(card.valid.0, card.valid.1)),
    ] {
        sheet.line(Type::new(22.0, LABEL), Align::Left, 76.0, y, 280.0, label);
        sheet.line(Type::new(29.0, INK), Align::Left, 372.0, y, 430.0, &value);
    }
    sheet.mark(816.0, 30.0);
    sheet.mark(816.0, 516.0);
    sheet.finish()
}
