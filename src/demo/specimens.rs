//! Specimen documents with the fields that a newcomer types: both sides of a card, and an order screenshot.

use baokao_specimen::card::{Back, Front};
use baokao_specimen::receipt::Receipt;
use baokao_specimen::{Fonts, card, encode, number, receipt};
use baokao_vision::{DecodeLimits, RgbImage};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::{Fen, PersonName, UnixMs};

/// What the card form sends.
#[derive(Clone, Debug, Default)]
pub struct CardForm {
    /// 姓名
    pub name: String,
    /// 男 or 女
    pub sex: String,
    /// `1990-01-02`
    pub birth: String,
}

/// A drawn card, as JPEG.
#[derive(Debug)]
pub struct DrawnCard {
    /// The number on it.
    pub number: String,
    /// The side with the portrait.
    pub front: Vec<u8>,
    /// The other side.
    pub back: Vec<u8>,
}

const QUALITY: u8 = 90;
/// People of an examination are between these ages.
const AGES: std::ops::RangeInclusive<i16> = 10..=100;

/// Draws both sides; the number belongs to nobody (its area code does not exist).
pub async fn draw_card(app: &App, form: &CardForm, portrait: Option<Vec<u8>>) -> Result<DrawnCard> {
    let today = app.clock.now().date();
    let mut problems = Problems::new();
    let name = problems.take("name", PersonName::parse(&form.name));
    let birth = form.birth.parse::<Date>().ok().filter(|birth| AGES.contains(&(today.year() - birth.year())));
    if birth.is_none() {
        problems.add("birth", "请选择出生日期。");
    }
    if form.sex != "男" && form.sex != "女" {
        problems.add("sex", "请选择性别。");
    }
    let (Some(name), Some(birth)) = (name, birth) else { return Err(Error::Invalid(problems)) };
    problems.into_result()?;
    // The 17th digit is odd for men.
    let sequence = u16::from_le_bytes(app.keys.random::<2>()?) % 499 * 2 + if form.sex == "男" { 1 } else { 2 };
    let number = number::resident(number::NOWHERE, birth, sequence);
    let valid_from = today.saturating_sub(2.years());
    let (sex, fonts) = (form.sex.clone(), app.config.assets.join("fonts"));
    let drawn_number = number.clone();
    let (front, back) = tokio::task::spawn_blocking(move || -> Result<_> {
        let fonts = Fonts::open(&fonts).map_err(Error::internal)?;
        let portrait = portrait.map(|bytes| decode(&bytes)).transpose()?;
        let front = Front {
            name: name.as_str().to_owned(),
            sex,
            ethnicity: "汉".into(),
            birth,
            address: "湖南省长沙市样本区示例路一号学府花园二栋三单元".into(),
            number: drawn_number,
            portrait,
        };
        let back = Back {
            authority: "长沙市公安局样本分局".into(), valid_from, valid_until: Some(valid_from.saturating_add(20.years()))
        };
        Ok((encode::jpeg(&card::front(&fonts, &front), QUALITY), encode::jpeg(&card::back(&fonts, &back), QUALITY)))
    })
    .await??;
    Ok(DrawnCard { number, front, back })
}

fn decode(bytes: &[u8]) -> Result<RgbImage> {
    baokao_vision::decode(bytes, &DecodeLimits::default()).map_err(|_| Error::invalid("portrait", crate::pictures::NOT_A_PICTURE))
}

/// What the receipt form sends.
#[derive(Clone, Debug, Default)]
pub struct ReceiptForm {
    /// Yuan.
    pub amount: String,
    /// Fee item.
    pub item: String,
    /// Who was paid.
    pub payee: String,
}

/// Draws a WeChat order screenshot, paid a minute ago, with a transaction number of its own.
pub async fn draw_receipt(app: &App, form: &ReceiptForm) -> Result<Vec<u8>> {
    let amount = Fen::parse_yuan(&form.amount).map_err(|sentence| Error::invalid("amount", sentence))?;
    let text = |value: &str, fallback: &str| {
        let short: String = value.trim().chars().filter(|c| !c.is_control()).take(40).collect();
        if short.is_empty() { fallback.to_owned() } else { short }
    };
    let paid_at = app.clock.now().plus_s(-60).local();
    let receipt = Receipt {
        amount_fen: amount.0.unsigned_abs(),
        item: text(&form.item, "考试费"),
        payee: text(&form.payee, "学校"),
        paid_at,
        transaction: transaction_number(app)?,
        order: app.keys.digits(20)?,
        ..Receipt::plain()
    };
    let fonts = app.config.assets.join("fonts");
    tokio::task::spawn_blocking(move || {
        let fonts = Fonts::open(&fonts).map_err(Error::internal)?;
        Ok(encode::jpeg(&receipt::draw(&fonts, &receipt).picture, QUALITY))
    })
    .await?
}

/// 28 digits, the 11th to 18th of which are the day (as on real orders).
fn transaction_number(app: &App) -> Result<String> {
    let now: UnixMs = app.clock.now();
    Ok(format!("420000{}{}{}", app.keys.digits(4)?, now.local().strftime("%Y%m%d"), app.keys.digits(10)?))
}
