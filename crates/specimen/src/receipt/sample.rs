//! Orders of nobody, by seed.

use jiff::ToSpan;
use jiff::civil::{DateTime, date};

use super::{Application, Language, Receipt};
use crate::noise::Chance;

/// Schools that do not exist, the last with a name that needs two lines.
const PAYEES: [&str; 5] = [
    "样本大学",
    "样本大学继续教育学院",
    "虚构师范学院财务处",
    "示范工业大学（南校区）",
    "样本省示范职业技术大学继续教育学院成人高等教育考试服务中心",
];
const ITEMS: [&str; 3] = ["学位外语考试费", "2026年学位论文水平考试报名费", "成人高等教育学士学位外语水平考试费"];
const PERSONS: [&str; 4] = ["王老师", "李雷", "张喆", "欧阳晓"];
const AMOUNTS: [u64; 6] = [8000, 12_000, 3550, 9900, 16_800, 105_000];

impl Receipt {
    /// A payment of 80 yuan to a school on 25 June 2026, as WeChat shows it in simplified Chinese.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            application: Application::Wechat,
            is_transfer: false,
            amount_fen: 8000,
            refunded_fen: 0,
            item: "2026年学位论文水平考试报名费".to_owned(),
            payee: "样本大学继续教育学院".to_owned(),
            acquirer: "财付通支付科技有限公司".to_owned(),
            paid_at: date(2026, 6, 25).at(18, 13, 24, 0),
            method: "零钱".to_owned(),
            transaction: "4200002901202606251234567890".to_owned(),
            order: "BK20260625181324000017".to_owned(),
            status: String::new(),
            is_dark: false,
            language: Language::Simplified,
            enlarged: 1.0,
        }
    }

    /// The same as Alipay shows it.
    #[must_use]
    pub fn plain_alipay() -> Self {
        Self {
            application: Application::Alipay,
            acquirer: String::new(),
            method: "余额宝".to_owned(),
            transaction: "2026062522001412345678901234".to_owned(),
            ..Self::plain()
        }
    }

    /// A transfer of 80 yuan to a person.
    #[must_use]
    pub fn plain_transfer() -> Self {
        Self {
            is_transfer: true,
            item: "报名费".to_owned(),
            payee: "王老师".to_owned(),
            transaction: "1000050001202606250123456789012345".to_owned(),
            order: String::new(),
            ..Self::plain()
        }
    }

    /// An order whose every field, application and look is chosen by the seed: about one in ten is a transfer, one in ten refunded, a quarter in another
    /// language, a quarter enlarged, half dark.
    #[must_use]
    pub fn sample(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x8E_CE19_7000);
        let application = if chance.next().is_multiple_of(2) { Application::Wechat } else { Application::Alipay };
        let is_wechat = application == Application::Wechat;
        let is_transfer = chance.next().is_multiple_of(10);
        let minutes = (chance.next() % (120 * 24 * 60)) as i64;
        let seconds = (chance.next() % 60) as i64;
        let paid_at = date(2026, 3, 1).at(0, 0, 0, 0).saturating_add(minutes.minutes()).saturating_add(seconds.seconds());
        let amount_fen = pick(&mut chance, &AMOUNTS);
        let refunded_fen = match chance.next() % 20 {
            0 => amount_fen,
            1 => amount_fen / 4,
            _ => 0,
        };
        let transaction = transaction(&mut chance, application, is_transfer, paid_at);
        let has_order = !chance.next().is_multiple_of(5);
        let order = format!("BK{}{}", paid_at.strftime("%Y%m%d%H%M%S"), digits(&mut chance, 6));
        let language = match chance.next() % 8 {
            0 => Language::Traditional,
            1 => Language::English,
            _ => Language::Simplified,
        };
        let enlarged = match chance.next() % 8 {
            0 => 1.2,
            1 => 1.4,
            _ => 1.0,
        };
        Self {
            application,
            is_transfer,
            amount_fen,
            refunded_fen: if is_transfer { 0 } else { refunded_fen },
            item: pick(&mut chance, &ITEMS).to_owned(),
            payee: if is_transfer { pick(&mut chance, &PERSONS) } else { pick(&mut chance, &PAYEES) }.to_owned(),
            acquirer: if is_wechat { "财付通支付科技有限公司".to_owned() } else { String::new() },
            paid_at,
            method: if is_wechat {
                pick(&mut chance, &["零钱", "招商银行(0000)"])
            } else {
                pick(&mut chance, &["余额宝", "花呗"])
            }
            .to_owned(),
            transaction,
            order: if has_order && !is_transfer { order } else { String::new() },
            status: String::new(),
            is_dark: chance.next().is_multiple_of(2),
            language,
            enlarged,
        }
    }
}

/// A number with the day of the payment where the provider has it.
fn transaction(chance: &mut Chance, application: Application, is_transfer: bool, paid_at: DateTime) -> String {
    let day = paid_at.strftime("%Y%m%d");
    match (application, is_transfer) {
        (Application::Wechat, false) => format!("420000{}{day}{}", digits(chance, 4), digits(chance, 10)),
        (Application::Wechat, true) => format!("1000050001{day}01{}", digits(chance, 14)),
        (Application::Alipay, _) => format!("{day}2200141{}", digits(chance, 13)),
    }
}

fn digits(chance: &mut Chance, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + (chance.next() % 10) as u8)).collect()
}

fn pick<T: Copy, const N: usize>(chance: &mut Chance, among: &[T; N]) -> T {
    among[chance.next() as usize % N]
}
