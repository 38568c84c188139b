//! 港澳居民来往内地通行证 and 台湾居民来往大陆通行证: the cards of 2013 and 2015.

use image::RgbImage;
use jiff::civil::Date;

use super::zone::{self, Holder};
use super::{CARD, INK, Sheet, day, term};
use crate::canvas::{Align, Type};
use crate::fonts::Fonts;

/// Which permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 港澳居民来往内地通行证
    HongKongMacau,
    /// 台湾居民来往大陆通行证
    Taiwan,
}

/// What a permit says.
#[derive(Debug, Clone)]
pub struct Permit {
    /// Which permit.
    pub kind: Kind,
    /// 姓名
    pub name: String,
    /// Latin surname and given names.
    pub latin: (String, String),
    /// 男 or 女
    pub sex: String,
    /// 出生日期
    pub birth: Date,
    /// 有效期限
    pub valid: (Date, Date),
    /// 证件号码: `H99999000`, `99999000`.
    pub number: String,
    /// 换证次数 or 签发次数
    pub issue: u8,
    /// 签发机关
    pub authority: String,
    /// The photograph; none: a silhouette.
    pub portrait: Option<RgbImage>,
}

/// Draws the side with the portrait.
#[must_use]
pub fn front(fonts: &Fonts, permit: &Permit) -> RgbImage {
    let mut sheet = Sheet::new(fonts, CARD);
    let (title, english, count) = match permit.kind {
        Kind::HongKongMacau => ("港澳居民来往内地通行证", "MAINLAND TRAVEL PERMIT FOR HONG KONG AND MACAO RESIDENTS", "换证次数"),
        Kind::Taiwan => ("台湾居民来往大陆通行证", "MAINLAND TRAVEL PERMIT FOR TAIWAN RESIDENTS", "签发次数"),
    };
    sheet.line(Type::new(38.0, INK).bold().spaced(3.0), Align::Left, 60.0, 52.0, 560.0, title);
    sheet.line(Type::new(17.0, INK), Align::Left, 60.0, 88.0, 560.0, english);
    sheet.photograph(permit.portrait.as_ref(), (60.0, 124.0, 210.0, 270.0));
    sheet.field(310.0, 126.0, 500.0, "姓名", &permit.name);
    sheet.line(Type::new(25.0, INK), Align::Left, 310.0, 190.0, 500.0, &latin(&permit.latin));
    sheet.field(310.0, 228.0, 200.0, "出生日期", &day(permit.birth));
    sheet.field(560.0, 228.0, 100.0, "性别", &permit.sex);
    sheet.field(310.0, 304.0, 500.0, "有效期限", &term(permit.valid.0, permit.valid.1));
    sheet.field(310.0, 380.0, 500.0, "签发机关", &permit.authority);
    sheet.field(60.0, 430.0, 220.0, "证件号码", &permit.number);
    sheet.field(310.0, 456.0, 120.0, count, &format!("{:02}", permit.issue));
    sheet.mark(816.0, 30.0);
    sheet.mark(816.0, 516.0);
    sheet.finish()
}

/// Draws the other side, with the machine-readable zone.
#[must_use]
pub fn back(fonts: &Fonts, permit: &Permit) -> RgbImage {
    let mut sheet = Sheet::new(fonts, CARD);
    let (code, notice) = match permit.kind {
        Kind::HongKongMacau => ("CR", "持证人可持此证在有效期内多次来往内地。"),
        Kind::Taiwan => ("CT", "持证人可持此证在有效期内多次来往大陆。"),
    };
    sheet.line(Type::new(24.0, INK).bold(), Align::Left, 60.0, 70.0, 700.0, "注意事项");
    for (row, text) in [notice, "证件应妥善保管，不得涂改、转让，遗失应及时报告。", "有效期满前应申请换发。"].iter().enumerate()
    {
        sheet.line(Type::new(21.0, INK), Align::Left, 60.0, 116.0 + 42.0 * row as f32, 700.0, text);
    }
    sheet.zone(&zone::card(code, &holder(permit)), 47.0, 470.0);
    sheet.mark(816.0, 30.0);
    sheet.mark(816.0, 520.0);
    sheet.finish()
}

fn holder(permit: &Permit) -> Holder {
    Holder {
        number: permit.number.clone(),
        names: permit.latin.clone(),
        sex: permit.sex.clone(),
        birth: permit.birth,
        until: permit.valid.1,
        nationality: "CHN".into(),
    }
}

/// `CHAN, TAI MAN`.
pub(super) fn latin((surname, given): &(String, String)) -> String {
    format!("{surname}, {given}").to_ascii_uppercase()
}
