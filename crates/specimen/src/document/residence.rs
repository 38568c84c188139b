//! 港澳台居民居住证: the front is laid out as the resident identity card without 民族, see [`crate::card::front`].

use image::RgbImage;
use jiff::civil::Date;

use super::{CARD, INK, Sheet, term};
use crate::canvas::{Align, Type};
use crate::fonts::Fonts;

/// What the back says.
#[derive(Debug, Clone)]
pub struct Back {
    /// For a resident of Taiwan; otherwise of Hong Kong or Macao.
    pub is_taiwan: bool,
    /// 签发机关
    pub authority: String,
    /// 有效期限
    pub valid: (Date, Date),
    /// 通行证号码
    pub permit_number: String,
    /// 签发次数
    pub issue: u8,
}

/// Draws the side with authority and validity.
#[must_use]
pub fn back(fonts: &Fonts, back: &Back) -> RgbImage {
    let mut sheet = Sheet::new(fonts, CARD);
    let title = if back.is_taiwan { "台湾居民居住证" } else { "港澳居民居住证" };
    sheet.line(Type::new(50.0, INK).bold().spaced(26.0), Align::Centre, 428.0, 96.0, 620.0, "中华人民共和国");
    sheet.line(Type::new(72.0, INK).bold().spaced(14.0), Align::Centre, 428.0, 190.0, 640.0, title);
    let term = term(back.valid.0, back.valid.1);
    let issue = format!("{:02}", back.issue);
    let rows = [("签发机关", &back.authority), ("有效期限", &term), ("通行证号码", &back.permit_number), ("签发次数", &issue)];
    for (row, (label, value)) in rows.into_iter().enumerate() {
        let y = 312.0 + 56.0 * row as f32;
        sheet.line(Type::new(29.0, INK).bold(), Align::Left, 180.0, y, 160.0, label);
        sheet.line(Type::new(30.0, INK), Align::Left, 350.0, y, 450.0, value);
    }
    sheet.mark(816.0, 30.0);
    sheet.mark(816.0, 520.0);
    sheet.finish()
}
