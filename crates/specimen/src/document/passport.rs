//! A passport's data page, 125 × 88 mm.

use image::RgbImage;
use jiff::civil::Date;

use super::permit::latin;
use super::zone::{self, Holder};
use super::{INK, Sheet};
use crate::canvas::{Align, Type};
use crate::fonts::Fonts;

/// Width and height of the page in tenths of a millimetre (ISO/IEC 7810 ID-3).
const PAGE: (f32, f32) = (1250.0, 880.0);

/// What the page says.
#[derive(Debug, Clone)]
pub struct Passport {
    /// Name in Han characters; empty leaves it out.
    pub name: String,
    /// Latin surname and given names.
    pub latin: (String, String),
    /// 男 or 女
    pub sex: String,
    /// Date of birth.
    pub birth: Date,
    /// Three letters: `CHN`.
    pub nationality: String,
    /// Number, 9 characters at most.
    pub number: String,
    /// First and last day of validity.
    pub valid: (Date, Date),
    /// The photograph; none: a silhouette.
    pub portrait: Option<RgbImage>,
}

/// Draws the page.
#[must_use]
pub fn page(fonts: &Fonts, passport: &Passport) -> RgbImage {
    let mut sheet = Sheet::new(fonts, PAGE);
    sheet.line(Type::new(34.0, INK).bold().spaced(8.0), Align::Left, 420.0, 50.0, 500.0, "护照 PASSPORT");
    sheet.photograph(passport.portrait.as_ref(), (60.0, 120.0, 310.0, 420.0));
    sheet.field(420.0, 108.0, 120.0, "类型 / Type", "P");
    sheet.field(620.0, 108.0, 200.0, "国家码 / Country Code", &passport.nationality);
    sheet.field(900.0, 108.0, 300.0, "护照号码 / Passport No.", &passport.number);
    sheet.field(420.0, 192.0, 600.0, "姓名 / Name", &passport.name);
    sheet.line(Type::new(27.0, INK), Align::Left, 420.0, 258.0, 700.0, &latin(&passport.latin));
    let sex = if passport.sex == "男" { "男 / M" } else { "女 / F" };
    sheet.field(420.0, 306.0, 120.0, "性别 / Sex", sex);
    sheet.field(620.0, 306.0, 260.0, "国籍 / Nationality", &passport.nationality);
    sheet.field(900.0, 306.0, 300.0, "出生日期 / Date of birth", &printed(passport.birth));
    sheet.field(420.0, 404.0, 300.0, "签发日期 / Date of issue", &printed(passport.valid.0));
    sheet.field(900.0, 404.0, 300.0, "有效期至 / Date of expiry", &printed(passport.valid.1));
    sheet.field(420.0, 502.0, 600.0, "签发机关 / Authority", "MPS Exit & Entry Administration");
    let holder = Holder {
        number: passport.number.clone(),
        names: passport.latin.clone(),
        sex: passport.sex.clone(),
        birth: passport.birth,
        until: passport.valid.1,
        nationality: passport.nationality.clone(),
    };
    sheet.zone(&zone::passport(&holder), 66.0, 786.0);
    sheet.mark(1200.0, 40.0);
    sheet.mark(1200.0, 848.0);
    sheet.finish()
}

/// `08 MAR 2001`, as passports have dates.
fn printed(date: Date) -> String {
    date.strftime("%d %b %Y").to_string().to_ascii_uppercase()
}
