//! From lines of text to what an order screenshot says. Pure: the lines may come from anywhere and in any order, labels
//! first and all values after them included, for a value is found by where it stands.

use jiff::civil::{Date, DateTime};

use super::fields::{amount, date_in, order, time, transaction};
use super::{Channel, ReceiptKind, ReceiptProblem, ReceiptReading};

/// A line of text and where it stands, in pixels, y growing downwards.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// What it says.
    pub text: String,
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
}

impl TextLine {
    fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// What stands beside a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Status,
    PaidAt,
    Payee,
    Transaction,
    Order,
    /// Something that is not wanted, but ends the value above it.
    Other,
}

/// The labels of both applications, whose screen they are a sign of, and whether of a transfer between persons. Longer
/// ones come before those they begin with.
const LABELS: [(&str, Field, Channel, bool); 35] = [
    ("当前状态", Field::Status, Channel::Wechat, false),
    ("支付时间", Field::PaidAt, Channel::Other, false),
    ("商户全称", Field::Payee, Channel::Wechat, false),
    ("收单机构", Field::Other, Channel::Wechat, false),
    ("支付方式", Field::Other, Channel::Wechat, false),
    ("交易单号", Field::Transaction, Channel::Wechat, false),
    ("商户单号", Field::Order, Channel::Wechat, false),
    ("转账单号", Field::Transaction, Channel::Wechat, true),
    ("转账时间", Field::PaidAt, Channel::Wechat, true),
    ("转账说明", Field::Other, Channel::Wechat, true),
    ("收款方备注", Field::Other, Channel::Wechat, true),
    ("收款时间", Field::Other, Channel::Wechat, true),
    ("付款方留言", Field::Other, Channel::Wechat, true),
    ("账单服务", Field::Other, Channel::Wechat, false),
    ("商品说明", Field::Other, Channel::Alipay, false),
    ("商品", Field::Other, Channel::Other, false),
    ("付款方式", Field::Other, Channel::Alipay, false),
    ("付款时间", Field::PaidAt, Channel::Alipay, false),
    ("创建时间", Field::PaidAt, Channel::Alipay, false),
    ("交易时间", Field::PaidAt, Channel::Other, false),
    ("收款方全称", Field::Payee, Channel::Alipay, false),
    ("收款方", Field::Payee, Channel::Other, false),
    ("商家全称", Field::Payee, Channel::Alipay, false),
    ("商家订单号", Field::Order, Channel::Alipay, false),
    ("商户订单号", Field::Order, Channel::Alipay, false),
    ("订单号", Field::Transaction, Channel::Alipay, false),
    ("交易号", Field::Transaction, Channel::Alipay, false),
    ("对方账户", Field::Other, Channel::Alipay, true),
    ("转账备注", Field::Other, Channel::Alipay, true),
    ("服务详情", Field::Other, Channel::Alipay, false),
    ("账单分类", Field::Other, Channel::Alipay, false),
    ("账单管理", Field::Other, Channel::Alipay, false),
    ("交易状态", Field::Status, Channel::Other, false),
    ("标签和备注", Field::Other, Channel::Alipay, false),
    ("备注", Field::Other, Channel::Other, false),
];

/// Words that tell the application wherever they stand.
const SIGNS: [(&str, Channel); 8] = [
    ("财付通", Channel::Wechat),
    ("零钱", Channel::Wechat),
    ("微信", Channel::Wechat),
    ("对方已收钱", Channel::Wechat),
    ("余额宝", Channel::Alipay),
    ("花呗", Channel::Alipay),
    ("支付宝", Channel::Alipay),
    ("对此订单有疑问", Channel::Alipay),
];

/// Words that tell a transfer between persons wherever they stand.
const TRANSFER_SIGNS: [&str; 6] = ["转账-", "转账一", "扫二维码付款-给", "对方已收钱", "朋友已收钱", "转给"];

/// The statuses that stand alone under the amount, the finished ones first.
const STATUSES: [&str; 14] = [
    "支付成功",
    "交易成功",
    "付款成功",
    "对方已收钱",
    "朋友已收钱",
    "已转账",
    "交易关闭",
    "等待付款",
    "等待对方收钱",
    "退款成功",
    "已全额退款",
    "已退款",
    "部分退款",
    "支付失败",
];
/// How many of them are finished.
const FINISHED: usize = 6;

/// How many labels make a screenshot one of an order when its amount is not seen.
const MIN_LABELS: usize = 3;

/// A label that was found, and what stands beside it.
struct Entry {
    field: Field,
    channel: Channel,
    transfer: bool,
    value: String,
}

/// Makes fields of lines.
pub fn parse(lines: &[TextLine]) -> ReceiptReading {
    let mut lines: Vec<TextLine> = lines.iter().filter(|line| !line.text.trim().is_empty()).cloned().collect();
    lines.sort_by(|a, b| a.middle().total_cmp(&b.middle()).then(a.left.total_cmp(&b.left)).then(a.text.cmp(&b.text)));
    let labels: Vec<Option<usize>> = lines.iter().map(|line| label(&line.text)).collect();
    let entries: Vec<Entry> = labels.iter().enumerate().filter_map(|(at, label)| entry(&lines, &labels, at, (*label)?)).collect();

    let mut reading = ReceiptReading::default();
    let paid = paid(&lines, &labels);
    if paid.is_none() && entries.len() < MIN_LABELS {
        reading.problems.push(ReceiptProblem::NotAReceipt);
        return reading;
    }
    reading.channel = channel(&lines, &entries);
    let first = |field: Field| entries.iter().filter(move |entry| entry.field == field);
    let when = first(Field::PaidAt).find_map(|entry| time(&entry.value));
    reading.amount_fen = paid.map(|(fen, _)| fen);
    reading.paid_at = when.map(china_time);
    reading.transaction = first(Field::Transaction).find_map(|entry| transaction(&entry.value));
    reading.order = first(Field::Order).find_map(|entry| order(&entry.value));
    reading.status = status(&lines, &entries);
    let transfer = is_transfer(&lines, &entries);
    reading.payee = payee(&lines, &entries, transfer);
    reading.kind = match (transfer, reading.channel) {
        (true, _) => ReceiptKind::Transfer,
        (false, Channel::Other) => ReceiptKind::Unknown,
        (false, _) => ReceiptKind::Payment,
    };
    reading.problems = problems(&reading, paid.is_some_and(|(_, incoming)| incoming), when.map(DateTime::date));
    reading
}

/// The label a line begins with.
fn label(text: &str) -> Option<usize> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    LABELS.iter().position(|(label, ..)| match compact.strip_prefix(label) {
        Some("") => true,
        // A label and its value read as one line; a sentence that begins with the word is no label.
        Some(rest) => label.chars().count() >= 4 || rest.starts_with([':', '：']),
        None => false,
    })
}

/// A label with its value: the rest of its own line, what stands to its right, and the lines that go on below that.
fn entry(lines: &[TextLine], labels: &[Option<usize>], at: usize, label: usize) -> Option<Entry> {
    let (word, field, channel, transfer) = *LABELS.get(label)?;
    let own = lines.get(at)?;
    let compact: String = own.text.trim().chars().filter(|c| *c != ' ').collect();
    let mut value = compact.strip_prefix(word).unwrap_or_default().trim_start_matches([':', '：']).to_owned();
    let free = |index: usize| index != at && labels.get(index).is_some_and(Option::is_none);
    let mut last = own;
    if value.is_empty() {
        let beside = lines.iter().enumerate().filter(|(index, line)| {
            let level = (line.middle() - own.middle()).abs() < 0.5 * own.height().max(line.height());
            free(*index) && level && f32::midpoint(line.left, line.right) > own.right
        });
        let mut parts: Vec<&TextLine> = beside.map(|(_, line)| line).collect();
        parts.sort_by(|a, b| a.left.total_cmp(&b.left));
        value = parts.iter().map(|line| line.text.trim()).collect::<Vec<_>>().join(" ");
        last = parts.first().copied().unwrap_or(own);
    }
    // A number that did not fit goes on below, aligned with its beginning or its end.
    if matches!(field, Field::Transaction | Field::Order) {
        while let Some(next) = lines.iter().enumerate().find(|(index, line)| free(*index) && goes_on(last, line)).map(|(_, line)| line) {
            value.push_str(next.text.trim());
            last = next;
        }
    }
    Some(Entry { field, channel, transfer, value })
}

/// Whether a line of digits or letters goes on from the one above it.
fn goes_on(above: &TextLine, line: &TextLine) -> bool {
    let step = line.middle() - above.middle();
    let near = step > 0.5 * above.height() && step < 1.35 * above.height();
    let aligned = (line.left - above.left).abs() < 0.4 * above.height() || (line.right - above.right).abs() < 0.4 * above.height();
    let plain = line.text.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    near && aligned && plain && line.text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The amount: the tallest line that is nothing but one, and stands beside no label.
fn paid(lines: &[TextLine], labels: &[Option<usize>]) -> Option<(i64, bool)> {
    let beside_label = |line: &TextLine| {
        let level =
            |other: &TextLine| (other.middle() - line.middle()).abs() < 0.5 * line.height() && other.right < line.left + line.height();
        lines.iter().zip(labels).any(|(other, label)| label.is_some() && level(other))
    };
    let amounts = lines.iter().filter(|line| !beside_label(line)).filter_map(|line| Some((line.height(), amount(&line.text)?)));
    amounts.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, paid)| paid)
}

/// Whose screen it is: every label and word votes.
fn channel(lines: &[TextLine], entries: &[Entry]) -> Channel {
    let votes = |channel: Channel| {
        let labels = entries.iter().filter(|entry| entry.channel == channel).count();
        let words = SIGNS.iter().filter(|(word, of)| *of == channel && lines.iter().any(|line| line.text.contains(word)));
        2 * labels + words.count()
    };
    match votes(Channel::Wechat).cmp(&votes(Channel::Alipay)) {
        std::cmp::Ordering::Greater => Channel::Wechat,
        std::cmp::Ordering::Less => Channel::Alipay,
        std::cmp::Ordering::Equal => Channel::Other,
    }
}

/// The status beside its label, or alone on a line.
fn status(lines: &[TextLine], entries: &[Entry]) -> Option<String> {
    let labelled = entries.iter().find(|entry| entry.field == Field::Status && !entry.value.is_empty());
    let alone = || lines.iter().map(|line| line.text.trim()).find(|text| STATUSES.iter().any(|status| text.starts_with(status)));
    labelled.map(|entry| entry.value.clone()).or_else(|| alone().map(str::to_owned))
}

fn is_transfer(lines: &[TextLine], entries: &[Entry]) -> bool {
    let signs = lines.iter().any(|line| TRANSFER_SIGNS.iter().any(|sign| line.text.starts_with(sign)));
    signs || entries.iter().any(|entry| entry.transfer)
}

/// Who was paid: beside its label, or in the heading of a transfer.
fn payee(lines: &[TextLine], entries: &[Entry], transfer: bool) -> Option<String> {
    let labelled = entries.iter().find(|entry| entry.field == Field::Payee && !entry.value.is_empty());
    let heading = || {
        let texts = lines.iter().map(|line| line.text.as_str());
        let names = texts.filter_map(|text| text.split_once("转给").or_else(|| text.split_once("付款-给")).map(|(_, name)| name.trim()));
        names.filter(|name| !name.is_empty()).map(str::to_owned).next()
    };
    labelled.map(|entry| entry.value.clone()).or_else(|| if transfer { heading() } else { None })
}

/// RFC 3339 in China's time, which has had one offset since 1991.
fn china_time(when: DateTime) -> String {
    format!("{when:.0}+08:00")
}

fn problems(reading: &ReceiptReading, incoming: bool, paid_on: Option<Date>) -> Vec<ReceiptProblem> {
    let mut out = Vec::new();
    if reading.kind == ReceiptKind::Transfer {
        out.push(ReceiptProblem::TransferToPerson);
    }
    match reading.status.as_deref() {
        None => out.push(ReceiptProblem::StatusMissing),
        Some(status) if status.contains("退款") => out.push(ReceiptProblem::Refunded),
        Some(status) if incoming || !STATUSES[..FINISHED].iter().any(|done| status.contains(done)) => out.push(ReceiptProblem::NotPaid),
        Some(_) => {}
    }
    if reading.amount_fen.is_none() {
        out.push(ReceiptProblem::AmountMissing);
    }
    if reading.paid_at.is_none() {
        out.push(ReceiptProblem::TimeMissing);
    }
    match reading.transaction.as_deref() {
        None => out.push(ReceiptProblem::TransactionMissing),
        Some(number) if !is_plausible(number, reading, paid_on) => out.push(ReceiptProblem::TransactionMismatch),
        Some(_) => {}
    }
    out
}

/// Whether a number has its provider's form: 28 digits, and inside them the day of the payment or, around midnight, the
/// day before or after. Numbers of transfers have other forms.
fn is_plausible(number: &str, reading: &ReceiptReading, paid_on: Option<Date>) -> bool {
    let at = match (reading.kind, reading.channel) {
        (ReceiptKind::Payment, Channel::Wechat) => 10,
        (ReceiptKind::Payment, Channel::Alipay) => 0,
        _ => return true,
    };
    let near = |day: Date, paid: Date| day == paid || day.tomorrow().is_ok_and(|d| d == paid) || day.yesterday().is_ok_and(|d| d == paid);
    number.len() == 28 && date_in(number, at).is_some_and(|day| paid_on.is_none_or(|paid| near(day, paid)))
}

#[cfg(test)]
mod tests;
