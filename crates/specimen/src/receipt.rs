//! Order screenshots of the two payment apps, 1080 × 2340 pixels: the page a payer sends in as a proof. 样本 SPECIMEN stands
//! in the status bar, where no such page has text.

use image::RgbImage;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time};

use crate::canvas::{Align, Rgb, Type};
use crate::fonts::Fonts;
use crate::phone::{Palette, Screen};

const GREEN: Rgb = [58, 150, 104];
const BLUE: Rgb = [70, 128, 214];
const ORANGE: Rgb = [222, 140, 74];

/// WeChat's 账单详情 of a payment to a merchant.
#[derive(Debug, Clone)]
pub struct WechatReceipt {
    /// Amount paid, in fen; shown in yuan with a minus sign.
    pub amount_fen: u64,
    /// 商品.
    pub item: String,
    /// 商户全称, also the name over the amount.
    pub payee: String,
    /// 收单机构; empty leaves the row out.
    pub acquirer: String,
    /// 支付时间, as the phone shows it.
    pub paid_at: DateTime,
    /// 支付方式.
    pub method: String,
    /// 交易单号, 28 digits.
    pub transaction: String,
    /// 商户单号; empty shows only the bars, as the app does for merchants one can show the code to.
    pub order: String,
    /// 当前状态: 支付成功, 已全额退款 …
    pub status: String,
    /// The app's dark appearance.
    pub dark: bool,
}

/// WeChat's 账单详情 of a transfer to a person, which is no payment of a fee.
#[derive(Debug, Clone)]
pub struct WechatTransfer {
    /// Amount transferred, in fen.
    pub amount_fen: u64,
    /// The name of the person who gets it.
    pub payee: String,
    /// 转账说明.
    pub note: String,
    /// 收款方备注; empty leaves the row out.
    pub payee_note: String,
    /// 转账时间.
    pub transferred_at: DateTime,
    /// 收款时间; none while it is not accepted.
    pub received_at: Option<DateTime>,
    /// 支付方式.
    pub method: String,
    /// 转账单号.
    pub transaction: String,
    /// 当前状态: 对方已收钱, 待对方收款 …
    pub status: String,
    /// The app's dark appearance.
    pub dark: bool,
}

/// Alipay's 账单详情 of a payment to a merchant.
#[derive(Debug, Clone)]
pub struct AlipayReceipt {
    /// Amount paid, in fen.
    pub amount_fen: u64,
    /// 商品说明.
    pub item: String,
    /// 收款方全称, also the name over the amount.
    pub payee: String,
    /// 收单机构; empty leaves the row out.
    pub acquirer: String,
    /// 支付时间.
    pub paid_at: DateTime,
    /// 付款方式.
    pub method: String,
    /// 订单号, 28 digits.
    pub transaction: String,
    /// 商家订单号; empty leaves the row out.
    pub order: String,
    /// The line under the amount: 交易成功, 退款成功 …
    pub status: String,
    /// The app's dark appearance.
    pub dark: bool,
}

/// Draws WeChat's page of a payment to a merchant.
#[must_use]
pub fn wechat(fonts: &Fonts, receipt: &WechatReceipt) -> RgbImage {
    let mut screen = wechat_head(fonts, receipt.dark, receipt.paid_at, GREEN, &receipt.payee, receipt.amount_fen);
    let paid_at = wechat_time(receipt.paid_at);
    let order = if receipt.order.is_empty() { "可在支持的商户扫码退款" } else { &receipt.order };
    for (label, value) in [
        ("当前状态", receipt.status.as_str()),
        ("支付时间", &paid_at),
        ("商品", &receipt.item),
        ("商户全称", &receipt.payee),
        ("收单机构", &receipt.acquirer),
        ("支付方式", &receipt.method),
        ("交易单号", &receipt.transaction),
        ("商户单号", order),
    ] {
        if !value.is_empty() {
            screen.row(label, value, 106.0, Align::Left);
        }
    }
    screen.y += 2.0;
    screen.bars(if receipt.order.is_empty() { &receipt.transaction } else { &receipt.order });
    wechat_foot(screen, &["对订单有疑惑", "在此商户的交易"])
}

/// Draws WeChat's page of a transfer to a person.
#[must_use]
pub fn wechat_transfer(fonts: &Fonts, transfer: &WechatTransfer) -> RgbImage {
    let title = format!("转账-转给{}", transfer.payee);
    let mut screen = wechat_head(fonts, transfer.dark, transfer.transferred_at, ORANGE, &title, transfer.amount_fen);
    let transferred_at = wechat_time(transfer.transferred_at);
    let received_at = transfer.received_at.map(wechat_time).unwrap_or_default();
    for (label, value) in [
        ("当前状态", transfer.status.as_str()),
        ("转账说明", &transfer.note),
        ("收款方备注", &transfer.payee_note),
        ("转账时间", &transferred_at),
        ("收款时间", &received_at),
        ("支付方式", &transfer.method),
        ("转账单号", &transfer.transaction),
    ] {
        if !value.is_empty() {
            screen.row(label, value, 106.0, Align::Left);
        }
    }
    wechat_foot(screen, &["查看往来转账", "对订单有疑惑"])
}

/// Draws Alipay's page of a payment to a merchant.
#[must_use]
pub fn alipay(fonts: &Fonts, receipt: &AlipayReceipt) -> RgbImage {
    let mut palette = Palette::new(receipt.dark);
    palette.bar = palette.page;
    let mut screen = Screen::new(fonts, palette, seen_at(receipt.paid_at), "账单详情");
    screen.y = 116.0;
    screen.icon(BLUE, &receipt.payee);
    screen.y = 160.0;
    screen.centred(Type::new(15.5, palette.ink), &cut(&receipt.payee));
    screen.y = 200.0;
    screen.centred(Type::new(36.0, palette.ink).bold(), &amount(receipt.amount_fen));
    screen.y = 236.0;
    screen.centred(Type::new(14.0, palette.faint), &cut(&receipt.status));
    screen.y = 264.0;
    screen.rule(18.0);
    screen.y = 290.0;
    let paid_at = receipt.paid_at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    for (label, value) in [
        ("支付时间", paid_at.as_str()),
        ("付款方式", &receipt.method),
        ("商品说明", &receipt.item),
        ("收单机构", &receipt.acquirer),
        ("收款方全称", &receipt.payee),
        ("订单号", &receipt.transaction),
        ("商家订单号", &receipt.order),
    ] {
        if !value.is_empty() {
            screen.row(label, value, 104.0, Align::Right);
        }
    }
    if !receipt.order.is_empty() {
        screen.y += 2.0;
        screen.bars(&receipt.order);
    }
    screen.rule(18.0);
    screen.y += 26.0;
    for entry in ["账单管理", "对此订单有疑问"] {
        screen.entry(entry);
    }
    screen.finish()
}

fn wechat_head<'a>(fonts: &'a Fonts, dark: bool, at: DateTime, colour: Rgb, name: &str, amount_fen: u64) -> Screen<'a> {
    let palette = Palette::new(dark);
    let mut screen = Screen::new(fonts, palette, seen_at(at), "账单详情");
    screen.y = 122.0;
    screen.icon(colour, name);
    screen.y = 168.0;
    screen.centred(Type::new(15.5, palette.ink), &cut(name));
    screen.y = 212.0;
    screen.centred(Type::new(38.0, palette.ink).bold(), &amount(amount_fen));
    screen.y = 252.0;
    screen.rule(18.0);
    screen.y = 282.0;
    screen
}

fn wechat_foot(mut screen: Screen<'_>, entries: &[&str]) -> RgbImage {
    screen.rule(18.0);
    screen.y += 24.0;
    let (fonts, palette) = (screen.fonts, screen.palette);
    screen.canvas.text_at(fonts, Type::new(12.5, palette.faint), Align::Left, 18.0, screen.y, "账单服务");
    screen.y += 34.0;
    for entry in entries {
        screen.entry(entry);
    }
    screen.y = 750.0;
    screen.centred(Type::new(11.0, palette.link), "本服务由财付通提供");
    screen.finish()
}

/// The phone's clock when the screenshot was taken: three minutes after the payment.
fn seen_at(at: DateTime) -> Time {
    at.time().wrapping_add(3.minutes())
}

/// `2026年6月25日 18:13:24`, without leading zeros in the date.
fn wechat_time(at: DateTime) -> String {
    let clock = at.strftime("%H:%M:%S");
    format!("{}年{}月{}日 {clock}", at.year(), at.month(), at.day())
}

/// `-80.00`.
fn amount(fen: u64) -> String {
    format!("-{}.{:02}", fen / 100, fen % 100)
}

/// What fits on one centred line.
fn cut(text: &str) -> String {
    text.chars().take(21).collect()
}
