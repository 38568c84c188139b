//! Order screenshots of the two payment apps, 1080 × 2340 pixels: the page a payer sends in as a proof. 样本 SPECIMEN stands
//! in the status bar, where no such page has text.
//!
//! What the pages say in simplified Chinese follows genuine ones; their traditional Chinese and English follow the providers' published terms, in the
//! same layout.

mod damage;
mod edit;
mod sample;
mod words;

use image::RgbImage;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time};

use crate::canvas::{Align, Rgb, Type};
use crate::fonts::Fonts;
use crate::phone::{HEIGHT, Palette, ROW, Screen, UNIT, WIDTH};

pub use damage::{Damage, Joined};
pub use edit::{Edit, edited};
pub use words::Language;

const GREEN: Rgb = [58, 150, 104];
const BLUE: Rgb = [70, 128, 214];
const ORANGE: Rgb = [222, 140, 74];
/// Height of the strip at the lower edge of every screen in which its handle lies.
const HANDLE: f32 = 16.0;
/// How far a line reaches up and down from its middle, as a share of its size.
const REACH: f32 = 0.55;

/// Whose page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// WeChat's 账单详情.
    Wechat,
    /// Alipay's 账单详情.
    Alipay,
}

/// What an order's page says, and how the phone shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Whose page it is.
    pub application: Application,
    /// Money sent to a person, which is no payment of a fee.
    pub is_transfer: bool,
    /// Amount paid, in fen; shown in yuan with a minus sign.
    pub amount_fen: u64,
    /// How much of it came back, in fen; 0 for nothing.
    pub refunded_fen: u64,
    /// 商品; of a transfer 转账说明.
    pub item: String,
    /// 商户全称 or 收款方全称, also the name over the amount; of a transfer the person.
    pub payee: String,
    /// 收单机构; empty leaves the row out. No transfer has it.
    pub acquirer: String,
    /// 支付时间 or 转账时间.
    pub paid_at: DateTime,
    /// 支付方式 or 付款方式.
    pub method: String,
    /// 交易单号 or 订单号, 28 digits; 转账单号, up to 34.
    pub transaction: String,
    /// 商户单号 or 商家订单号. Empty: WeChat shows only the bars, as it does for merchants one can show the code to; Alipay leaves the row out.
    pub order: String,
    /// 当前状态; empty for what the app says of such an order.
    pub status: String,
    /// The app's dark appearance.
    pub is_dark: bool,
    /// The app's language.
    pub language: Language,
    /// How much larger than usual the phone's owner has set texts, 1–1.6.
    pub enlarged: f32,
}

/// A value on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the fields of Receipt")]
pub enum Part {
    Amount,
    Status,
    PaidAt,
    Payee,
    Transaction,
    Order,
}

/// Where something is on a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Area {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

/// A drawn page and where its values are.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The pixels.
    pub picture: RgbImage,
    /// Every value that is wholly seen, as often as it is. Of a page that was photographed: where it is on the page.
    pub places: Vec<(Part, Area)>,
}

impl Sheet {
    /// Whether the value is seen.
    #[must_use]
    pub fn shows(&self, part: Part) -> bool {
        self.places.iter().any(|(known, _)| *known == part)
    }

    /// Where the value is seen first.
    #[must_use]
    pub fn place(&self, part: Part) -> Option<Area> {
        self.places.iter().find(|(known, _)| *known == part).map(|(_, area)| *area)
    }
}

/// One value drawn in another type than the page's own: how much larger, and whether bold.
#[derive(Debug, Clone, Copy)]
struct Foreign {
    part: Part,
    larger: f32,
    bold: bool,
}

/// Draws the page.
#[must_use]
pub fn draw(fonts: &Fonts, receipt: &Receipt) -> Sheet {
    drawn(fonts, receipt, None)
}

fn drawn(fonts: &Fonts, receipt: &Receipt, foreign: Option<Foreign>) -> Sheet {
    let words = words::of(receipt.language);
    let mut palette = Palette::new(receipt.is_dark);
    let is_wechat = receipt.application == Application::Wechat;
    if !is_wechat {
        palette.bar = palette.page;
    }
    // The phone's clock when the screenshot was taken: three minutes after the payment.
    let seen_at: Time = receipt.paid_at.time().wrapping_add(3.minutes());
    let mut screen = Screen::new(fonts, palette, seen_at, words.title);
    screen.enlarged = if receipt.enlarged.is_nan() { 1.0 } else { receipt.enlarged.clamp(1.0, 1.6) };
    let mut page = Page { screen, receipt, foreign, places: Vec::new() };
    page.head();
    page.rows();
    page.foot();
    Sheet { picture: page.screen.finish(), places: page.places }
}

struct Page<'a> {
    screen: Screen<'a>,
    receipt: &'a Receipt,
    foreign: Option<Foreign>,
    places: Vec<(Part, Area)>,
}

impl Page<'_> {
    fn is_wechat(&self) -> bool {
        self.receipt.application == Application::Wechat
    }

    /// The type of a value, which somebody may have changed.
    fn style(&self, part: Option<Part>, style: Type) -> Type {
        match self.foreign {
            Some(foreign) if part == Some(foreign.part) => {
                let larger = Type { size: style.size * foreign.larger, ..style };
                if foreign.bold { larger.bold() } else { larger }
            }
            _ => style,
        }
    }

    fn note(&mut self, part: Part, left: f32, right: f32, first: f32, last: f32, size: f32) {
        let pixels = |value: f32, most: f32| (value.clamp(0.0, most) * UNIT).round() as u32;
        let (left, right) = (pixels(left, WIDTH), pixels(right, WIDTH));
        let (top, bottom) = (pixels(first - size * REACH, HEIGHT), pixels(last + size * REACH, HEIGHT));
        // What runs under the handle at the lower edge is not seen.
        if last + size * REACH <= HEIGHT - HANDLE {
            self.places.push((part, Area { left, top, right, bottom }));
        }
    }

    fn head(&mut self) {
        let receipt = self.receipt;
        let words = words::of(receipt.language);
        let ink = self.screen.palette.ink;
        let colour = match (self.is_wechat(), receipt.is_transfer) {
            (_, true) => ORANGE,
            (true, false) => GREEN,
            (false, false) => BLUE,
        };
        self.screen.y = 119.0;
        self.screen.icon(colour, &receipt.payee);
        self.screen.y = 164.0;
        let name = if receipt.is_transfer { format!("{}{}", words.transfer_to, receipt.payee) } else { receipt.payee.clone() };
        let style = self.screen.type_of(15.5, ink);
        self.screen.heading(style, &name);
        let large = self.screen.type_of(37.0, ink).bold();
        self.screen.y += 20.0 + large.size * 0.65;
        let style = self.style(Some(Part::Amount), large);
        let amount = format!("-{}", yuan(receipt.amount_fen));
        self.screen.centred(style, &amount);
        let half = style.width(self.screen.fonts, &amount) / 2.0 + 4.0;
        let y = self.screen.y;
        self.note(Part::Amount, WIDTH / 2.0 - half, WIDTH / 2.0 + half, y, y, style.size);
        self.screen.y += 0.5 * large.size + 12.0;
        if !self.is_wechat() {
            let status = words.status(receipt);
            let style = self.screen.type_of(14.0, self.screen.palette.faint);
            self.screen.y += 4.0;
            self.screen.centred(style, &status);
            let half = style.width(self.screen.fonts, &status) / 2.0 + 4.0;
            let y = self.screen.y;
            self.note(Part::Status, WIDTH / 2.0 - half, WIDTH / 2.0 + half, y, y, style.size);
            self.screen.y += 0.5 * style.size + 12.0;
        }
        self.screen.y += 6.0;
        self.screen.rule(18.0);
        self.screen.y += 28.0 * self.screen.enlarged;
    }

    fn rows(&mut self) {
        let receipt = self.receipt;
        let place = if self.is_wechat() { Align::Left } else { Align::Right };
        let label_style = self.screen.type_of(ROW, self.screen.palette.faint);
        let rows = words::rows(receipt);
        let widest = rows.iter().map(|row| label_style.width(self.screen.fonts, row.label)).fold(70.0, f32::max);
        let from = (18.0 + widest + 16.0).min(WIDTH * 0.55);
        for row in rows {
            if row.value.is_empty() {
                continue;
            }
            let style = self.style(row.part, self.screen.type_of(ROW, self.screen.palette.ink));
            let (first, last) = self.screen.row(row.label, &row.value, style, from, place);
            if let Some(part) = row.part {
                self.note(part, from - 4.0, WIDTH - 14.0, first, last, style.size);
            }
        }
        if !receipt.is_transfer {
            let bars = match (receipt.order.is_empty(), self.is_wechat()) {
                (false, _) => &receipt.order,
                (true, true) => &receipt.transaction,
                (true, false) => return,
            };
            self.screen.y += 2.0;
            self.screen.bars(bars);
        }
    }

    fn foot(&mut self) {
        let words = words::of(self.receipt.language);
        self.screen.rule(18.0);
        self.screen.y += 24.0;
        if self.is_wechat() {
            let style = Type::new(12.5, self.screen.palette.faint);
            let (fonts, y) = (self.screen.fonts, self.screen.y);
            self.screen.canvas.text_at(fonts, style, Align::Left, 18.0, y, words.services);
            self.screen.y += 34.0;
        }
        for entry in if self.is_wechat() { words.wechat_entries } else { words.alipay_entries } {
            self.screen.entry(entry);
        }
        if self.is_wechat() && self.screen.y < 745.0 {
            self.screen.y = 750.0;
            let style = Type::new(11.0, self.screen.palette.link);
            self.screen.centred(style, words.provider);
        }
    }
}

/// `80.00`.
fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
