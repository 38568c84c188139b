//! From lines of text to what an order screenshot says. Pure: the lines may come from anywhere and in any order, labels
//! first and all values after them included, for a value is found by where it stands.
//!
//! A picture may hold several screens, side by side or one below the other. They may be two parts of one order; where they say different things
//! of the amount or the number, neither is taken.

use std::cmp::Ordering;

use jiff::civil::DateTime;

use super::fields::{amount, amount_within, order, time, transaction};
use super::problems::{has_form, problems};
use super::words::{Field, GIVEN_TO, Label, SIGNS, TRANSFER_SIGNS, fold, is_status, label_of};
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

/// How many labels make a screenshot one of an order when its amount is not seen.
const MIN_LABELS: usize = 3;
/// An amount this much smaller than the largest is not the one that was paid.
const AS_LARGE: f32 = 0.8;

/// What lines say, and which of them say it (by their index in what was given).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) reading: ReceiptReading,
    /// The amounts that are as large as the one paid.
    pub(crate) amounts: Vec<usize>,
    /// The lines of the transaction number.
    pub(crate) transaction: Vec<usize>,
    /// The lines of the merchant's own number.
    pub(crate) order: Vec<usize>,
    /// The lines that stand beside labels, with the label's field.
    pub(crate) values: Vec<(usize, Field)>,
    /// The lines that are nothing but a label.
    pub(crate) labels: Vec<usize>,
}

/// Makes fields of lines.
pub fn parse(lines: &[TextLine]) -> ReceiptReading {
    find(lines).reading
}

/// The same, with the lines that say it.
pub(crate) fn find(lines: &[TextLine]) -> Found {
    let mut all: Vec<Line> = lines.iter().enumerate().filter_map(|(index, line)| Line::new(index, line)).collect();
    all.sort_by(|a, b| a.of.middle().total_cmp(&b.of.middle()).then(a.of.left.total_cmp(&b.of.left)).then(a.of.text.cmp(&b.of.text)));
    let screens = side_by_side(all);
    let entries: Vec<Entry> = screens.iter().flat_map(|screen| entries(screen)).collect();
    let lines: Vec<&Line> = screens.iter().flatten().collect();
    let amounts = paid(&screens);

    let mut found = Found::default();
    if amounts.is_empty() && entries.len() < MIN_LABELS {
        found.reading.problems.push(ReceiptProblem::NotAReceipt);
        return found;
    }
    let of = |field: Field| entries.iter().filter(move |entry| entry.field == field);
    let is_transfer = is_transfer(&lines, &entries);
    let channel = channel(&lines, &entries);
    let kind = match (is_transfer, channel) {
        (true, _) => ReceiptKind::Transfer,
        (false, Channel::Other) => ReceiptKind::Unknown,
        (false, _) => ReceiptKind::Payment,
    };
    let mut doubts = Doubts::default();

    let amount_fen = doubts.one(amounts.iter().map(|amount| amount.fen).collect(), true);
    let times: Vec<DateTime> = of(Field::PaidAt).filter_map(|entry| time(&entry.value)).collect();
    let made: Vec<DateTime> = of(Field::MadeAt).filter_map(|entry| time(&entry.value)).collect();
    let when = doubts.one(if times.is_empty() { made } else { times }, false);
    let mut numbers: Vec<String> = of(Field::Transaction).filter_map(|entry| transaction(&entry.value)).collect();
    numbers.retain(|number| has_form(number, kind, channel));
    let transaction_no = doubts.one(numbers, true);
    let order_no = doubts.one(of(Field::Order).filter_map(|entry| order(&entry.value)).collect(), false);
    let status = doubts.one(statuses(&lines, &entries), false);
    let payee = doubts.one(payees(&lines, &entries, is_transfer), false);

    let reading = &mut found.reading;
    *reading = ReceiptReading {
        channel,
        kind,
        amount_fen,
        paid_at: when.map(china_time),
        transaction: transaction_no,
        order: order_no,
        payee,
        status,
        problems: Vec::new(),
    };
    let incoming = amounts.iter().any(|amount| amount.incoming);
    let back: i64 = of(Field::Refund).filter_map(|entry| amount_within(&entry.value)).max().unwrap_or(0);
    reading.problems = problems(reading, incoming, back, when.map(DateTime::date), doubts.several);

    let lines_of = |field: Field| of(field).flat_map(|entry| entry.lines.iter().copied()).collect();
    found.amounts = amounts.iter().map(|amount| amount.index).collect();
    found.transaction = lines_of(Field::Transaction);
    found.order = lines_of(Field::Order);
    let is_bare = |line: &&&Line| line.label.is_some_and(|label| label.word.chars().count() == line.folded.chars().count());
    found.labels = lines.iter().filter(is_bare).map(|line| line.index).collect();
    found.values = entries.iter().flat_map(|entry| entry.lines.iter().map(|index| (*index, entry.field))).collect();
    found
}

/// A line that is not empty, with what it is looked up by.
struct Line<'a> {
    index: usize,
    of: &'a TextLine,
    folded: String,
    label: Option<&'static Label>,
}

impl<'a> Line<'a> {
    fn new(index: usize, of: &'a TextLine) -> Option<Self> {
        let folded = fold(&of.text);
        (!folded.is_empty()).then(|| Self { index, of, label: label_of(&folded), folded })
    }

    /// Whether two lines are on a level.
    fn is_beside(&self, other: &Line) -> bool {
        (self.of.middle() - other.of.middle()).abs() < 0.5 * self.of.height().max(other.of.height())
    }
}

/// A label that was found, and what stands beside it.
struct Entry {
    field: Field,
    channel: Channel,
    is_transfer: bool,
    value: String,
    /// The lines of the value, by their index; none where it stands on the label's own line.
    lines: Vec<usize>,
}

/// Screens side by side: the labels of each begin at one column.
fn side_by_side(lines: Vec<Line>) -> Vec<Vec<Line>> {
    let mut lefts: Vec<(f32, f32)> = lines.iter().filter(|l| l.label.is_some()).map(|l| (l.of.left, l.of.height())).collect();
    lefts.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Two labels at least on either side of a gap as wide as eight characters.
    let gap = (2..lefts.len().saturating_sub(1))
        .map(|at| (lefts[at].0 - lefts[at - 1].0, at))
        .filter(|(gap, at)| *gap > 8.0 * lefts[*at].1)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, at)) = gap else { return vec![lines] };
    let border = lefts[at].0 - 0.5 * lefts[at].1;
    let (left, right): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|l| f32::midpoint(l.of.left, l.of.right) < border);
    if left.is_empty() || right.is_empty() {
        return vec![left, right];
    }
    [side_by_side(left), side_by_side(right)].into_iter().flatten().collect()
}

/// Every label of a screen with its value: the rest of its own line, what stands to its right, and the lines that go on below that.
fn entries(screen: &[Line]) -> Vec<Entry> {
    screen.iter().enumerate().filter_map(|(at, own)| Some(entry(screen, at, own, own.label?))).collect()
}

fn entry(screen: &[Line], at: usize, own: &Line, label: &Label) -> Entry {
    let mut value = rest(&own.of.text, label.word);
    let mut taken = Vec::new();
    let mut last = own.of;
    if value.is_empty() {
        let free = |(index, line): &(usize, &Line)| {
            *index != at && line.label.is_none() && f32::midpoint(line.of.left, line.of.right) > own.of.right
        };
        let mut parts: Vec<&Line> =
            screen.iter().enumerate().filter(free).map(|(_, line)| line).filter(|line| line.is_beside(own)).collect();
        parts.sort_by(|a, b| a.of.left.total_cmp(&b.of.left));
        value = parts.iter().map(|line| line.of.text.trim()).collect::<Vec<_>>().join(" ");
        last = parts.first().map_or(own.of, |line| line.of);
        taken = parts.iter().map(|line| line.index).collect();
    }
    // What did not fit goes on below, aligned with its beginning or its end.
    while let Some(next) = screen.iter().find(|line| goes_on(screen, label.field, &value, last, line)) {
        if label.field == Field::PaidAt {
            value.push(' ');
        }
        value.push_str(next.of.text.trim());
        last = next.of;
        taken.push(next.index);
    }
    Entry { field: label.field, channel: label.channel, is_transfer: label.is_transfer, value, lines: taken }
}

/// What follows the label on its own line. The label was found in the folded line, which has one character for each of the line's.
fn rest(text: &str, word: &str) -> String {
    let mut left = word.chars().count();
    let rest = text.trim_start().trim_start_matches(|c: char| {
        let is_label = left > 0;
        left -= usize::from(is_label && !c.is_whitespace());
        is_label
    });
    rest.trim_start_matches(['.', ':', '：', ' ']).trim().to_owned()
}

/// Whether a line goes on from the one above it.
fn goes_on(screen: &[Line], field: Field, value: &str, above: &TextLine, line: &Line) -> bool {
    let step = line.of.middle() - above.middle();
    // The box of a line of digits is less high than its neighbours'.
    let near = step > 0.5 * above.height() && step < 1.35 * above.height().max(line.of.height());
    let aligned = (line.of.left - above.left).abs() < 0.4 * above.height() || (line.of.right - above.right).abs() < 0.4 * above.height();
    if !near || !aligned || line.label.is_some() {
        return false;
    }
    let has_digit = line.folded.bytes().any(|byte| byte.is_ascii_digit());
    match field {
        Field::Transaction | Field::Order => {
            has_digit && line.folded.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        }
        Field::PaidAt | Field::MadeAt => {
            has_digit && time(value).is_none() && line.folded.chars().all(|c| c.is_ascii_digit() || "年月日:-".contains(c))
        }
        // Words may be of any characters; but what stands beside another label is that one's.
        Field::Payee | Field::Status => !screen.iter().any(|other| other.label.is_some() && other.is_beside(line)),
        Field::Refund | Field::Other | Field::End => false,
    }
}

/// What fields say more than once.
#[derive(Default)]
struct Doubts {
    /// Two orders are in the picture.
    several: bool,
}

impl Doubts {
    /// The one thing that is said; nothing where different things are. Of some fields that means two orders.
    fn one<T: PartialEq>(&mut self, said: Vec<T>, tells_orders: bool) -> Option<T> {
        let mut said = said.into_iter();
        let first = said.next()?;
        if said.any(|other| other != first) {
            self.several |= tells_orders;
            return None;
        }
        Some(first)
    }
}

struct Paid {
    index: usize,
    fen: i64,
    incoming: bool,
    height: f32,
}

/// The amounts paid: the tallest lines that are nothing but one, and stand beside no label.
fn paid(screens: &[Vec<Line>]) -> Vec<Paid> {
    let mut found = Vec::new();
    for screen in screens {
        let beside_label = |line: &Line| {
            screen.iter().any(|other| other.label.is_some() && other.is_beside(line) && other.of.right < line.of.left + line.of.height())
        };
        for line in screen.iter().filter(|line| !beside_label(line)) {
            if let Some((fen, incoming)) = amount(&line.of.text) {
                found.push(Paid { index: line.index, fen, incoming, height: line.of.height() });
            }
        }
    }
    let tallest = found.iter().map(|paid| paid.height).fold(0.0, f32::max);
    found.retain(|paid| paid.height >= AS_LARGE * tallest);
    found
}

/// Whose screen it is: every label and word votes.
fn channel(lines: &[&Line], entries: &[Entry]) -> Channel {
    let votes = |channel: Channel| {
        let labels = entries.iter().filter(|entry| entry.channel == channel).count();
        let words = SIGNS.iter().filter(|(word, of)| *of == channel && lines.iter().any(|line| line.folded.contains(word)));
        2 * labels + words.count()
    };
    match votes(Channel::Wechat).cmp(&votes(Channel::Alipay)) {
        Ordering::Greater => Channel::Wechat,
        Ordering::Less => Channel::Alipay,
        Ordering::Equal => Channel::Other,
    }
}

/// The statuses beside their labels, or else those alone on a line; none of a value of something else.
fn statuses(lines: &[&Line], entries: &[Entry]) -> Vec<String> {
    let labelled: Vec<String> =
        entries.iter().filter(|entry| entry.field == Field::Status && !entry.value.is_empty()).map(|entry| entry.value.clone()).collect();
    if !labelled.is_empty() {
        return labelled;
    }
    let is_value = |line: &Line| entries.iter().any(|entry| entry.lines.contains(&line.index));
    let alone = lines.iter().filter(|line| is_status(&line.folded) && !is_value(line));
    alone.map(|line| line.of.text.trim().to_owned()).collect()
}

fn is_transfer(lines: &[&Line], entries: &[Entry]) -> bool {
    let signs = lines.iter().any(|line| TRANSFER_SIGNS.iter().any(|sign| line.folded.starts_with(sign)));
    signs || entries.iter().any(|entry| entry.is_transfer)
}

/// Who was paid: beside the labels, or in the headings of transfers.
fn payees(lines: &[&Line], entries: &[Entry], is_transfer: bool) -> Vec<String> {
    let labelled: Vec<String> =
        entries.iter().filter(|entry| entry.field == Field::Payee && !entry.value.is_empty()).map(|entry| entry.value.clone()).collect();
    if !labelled.is_empty() || !is_transfer {
        return labelled;
    }
    let named = |line: &&Line| {
        let (sign, at) = GIVEN_TO.iter().find_map(|sign| Some((sign, line.folded.find(sign)?)))?;
        let before = line.folded[..at].chars().count() + sign.chars().count();
        let mut passed = 0;
        let name = line.of.text.trim_start_matches(|c: char| {
            let skip = passed < before;
            passed += usize::from(skip && !c.is_whitespace());
            skip
        });
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    };
    lines.iter().filter_map(named).collect()
}

/// RFC 3339 in China's time, which has had one offset since 1991.
fn china_time(when: DateTime) -> String {
    format!("{when:.0}+08:00")
}

#[cfg(test)]
mod tests;
