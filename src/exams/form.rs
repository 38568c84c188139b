//! The exam's form: what staff type, as they typed it, and what it means.

use super::notice::MAX_NOTICE_CHARS;
use super::{Checks, DEFAULT_FEE_NAME, Exam, Grade, PaymentWay, Subject};
use crate::error::{Problems, Result};
use crate::types::{Fen, UnixMs, line};

/// Characters of a title.
pub const MAX_TITLE_CHARS: usize = 80;
const MAX_NAME_CHARS: usize = 60;
const MAX_ADDRESS_BYTES: usize = 500;
const MAX_RULES: usize = 20;
const MAX_RULE_CHARS: usize = 120;
/// Rows of subjects on the form.
pub const MAX_SUBJECTS: usize = 30;
/// Places in one subject.
const MAX_CAPACITY: i64 = 1_000_000;
/// A ticket number begins with two digits of the year and one of the batch.
const PREFIX_DIGITS: usize = 3;
/// The subject's part of a ticket number.
const CODE_DIGITS: usize = 2;

/// A row of subjects, as typed. Times are `datetime-local` values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the labels of the form")]
pub struct SubjectForm {
    /// Row id of a stored subject, or "" for a new one.
    pub id: String,
    pub code: String,
    pub name: String,
    pub starts_at: String,
    pub ends_at: String,
    /// "": not limited.
    pub capacity: String,
    /// In yuan; "": the exam's.
    pub fee: String,
}

impl SubjectForm {
    fn is_empty(&self) -> bool {
        [&self.code, &self.name, &self.starts_at, &self.ends_at, &self.capacity, &self.fee].into_iter().all(|text| text.trim().is_empty())
    }
}

/// The whole form, as typed. `ExamForm::default()` is the empty form with its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the labels of the form")]
pub struct ExamForm {
    pub title: String,
    pub notice: String,
    pub opens_at: String,
    pub closes_at: String,
    /// "": as `closes_at`.
    pub edit_until: String,
    /// "": as `closes_at`.
    pub pay_until: String,
    pub fee_name: String,
    /// In yuan.
    pub fee: String,
    /// [`PaymentWay`] code.
    pub payment_way: String,
    pub payment_url: String,
    pub payee: String,
    /// [`Grade`] code.
    pub thesis_floor: String,
    /// [`Checks`] code.
    pub checks: String,
    pub ticket_rules: String,
    pub ticket_prefix: String,
    pub subjects: Vec<SubjectForm>,
}

impl Default for ExamForm {
    fn default() -> Self {
        let empty = String::new;
        Self {
            title: empty(),
            notice: empty(),
            opens_at: empty(),
            closes_at: empty(),
            edit_until: empty(),
            pay_until: empty(),
            fee_name: DEFAULT_FEE_NAME.into(),
            fee: empty(),
            payment_way: PaymentWay::Page.code().into(),
            payment_url: empty(),
            payee: empty(),
            thesis_floor: Grade::Fair.code().into(),
            checks: Checks::Face.code().into(),
            ticket_rules: empty(),
            ticket_prefix: empty(),
            subjects: vec![SubjectForm::default()],
        }
    }
}

/// A moment as the value of its field; 0 is "not set".
fn field(ms: i64) -> String {
    if ms == 0 { String::new() } else { UnixMs(ms).field() }
}

/// A deadline, left empty where it is the same as another, with which it then moves.
pub(crate) fn field_unless(ms: i64, same_as: i64) -> String {
    if ms == same_as { String::new() } else { field(ms) }
}

impl ExamForm {
    /// The form of a stored exam.
    pub fn of(exam: &Exam, subjects: &[Subject]) -> Self {
        let mut rows: Vec<SubjectForm> = subjects
            .iter()
            .map(|s| SubjectForm {
                id: s.id.to_string(),
                code: s.code.clone(),
                name: s.name.clone(),
                starts_at: field(s.starts_at),
                ends_at: field(s.ends_at),
                capacity: s.capacity.map(|n| n.to_string()).unwrap_or_default(),
                fee: s.fee_fen.map(|fee| Fen(fee).yuan()).unwrap_or_default(),
            })
            .collect();
        if rows.is_empty() {
            rows.push(SubjectForm::default());
        }
        Self {
            title: exam.title.clone(),
            notice: exam.notice.clone(),
            opens_at: field(exam.opens_at),
            closes_at: field(exam.closes_at),
            edit_until: field_unless(exam.edit_until, exam.closes_at),
            pay_until: field_unless(exam.pay_until, exam.closes_at),
            fee_name: exam.fee_name.clone(),
            fee: if exam.fee_fen == 0 { String::new() } else { exam.fee().yuan() },
            payment_way: exam.payment_way.clone(),
            payment_url: exam.payment_url.clone(),
            payee: exam.payee.clone(),
            thesis_floor: exam.thesis_floor.clone(),
            checks: exam.checks.clone(),
            ticket_rules: exam.ticket_rules.clone(),
            ticket_prefix: exam.ticket_prefix.clone(),
            subjects: rows,
        }
    }
}

/// A subject row, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectValues {
    pub(crate) id: Option<i64>,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) starts_at: i64,
    pub(crate) ends_at: i64,
    pub(crate) capacity: Option<i64>,
    pub(crate) fee: Option<Fen>,
}

/// The form, understood. What may still be missing in a draft is 0 or "".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExamValues {
    pub(crate) title: String,
    pub(crate) notice: String,
    pub(crate) opens_at: i64,
    pub(crate) closes_at: i64,
    pub(crate) edit_until: i64,
    pub(crate) pay_until: i64,
    pub(crate) fee_name: String,
    pub(crate) fee: Fen,
    pub(crate) payment_way: PaymentWay,
    pub(crate) payment_url: String,
    pub(crate) payee: String,
    pub(crate) thesis_floor: Grade,
    pub(crate) checks: Checks,
    pub(crate) ticket_rules: String,
    pub(crate) ticket_prefix: String,
    pub(crate) subjects: Vec<SubjectValues>,
}

/// Reads the form. An empty field is allowed (a draft may be unfinished), a wrong one is not.
pub(crate) fn read(form: &ExamForm) -> Result<ExamValues, Problems> {
    let mut p = Problems::new();
    let title = p.take("title", line(&form.title, MAX_TITLE_CHARS, "请填写考试名称。", "考试名称不能超过 80 字。")).unwrap_or_default();
    if form.notice.chars().count() > MAX_NOTICE_CHARS {
        p.add("notice", "报考须知不能超过 20000 字，请缩短。");
    }
    let opens_at = moment(&mut p, "opens_at", &form.opens_at);
    let closes_at = moment(&mut p, "closes_at", &form.closes_at);
    let or_close = |at: i64| if at == 0 { closes_at } else { at };
    let edit_until = or_close(moment(&mut p, "edit_until", &form.edit_until));
    let pay_until = or_close(moment(&mut p, "pay_until", &form.pay_until));
    let payment_way = p.take("payment_way", PaymentWay::parse(&form.payment_way)).unwrap_or(PaymentWay::Page);
    check_window(&mut p, payment_way, opens_at, closes_at, edit_until, pay_until);
    let fee = if form.fee.trim().is_empty() || payment_way == PaymentWay::Free {
        Fen(0)
    } else {
        p.take("fee", Fen::parse_yuan(&form.fee)).unwrap_or_default()
    };
    let fee_name = optional(&mut p, "fee_name", &form.fee_name, MAX_NAME_CHARS, "收费项目名称不能超过 60 字，也不能换行。");
    let payee = optional(&mut p, "payee", &form.payee, MAX_NAME_CHARS, "收款方名称不能超过 60 字，也不能换行。");
    let payment_url = form.payment_url.trim().to_owned();
    if !payment_url.is_empty() && !is_https(&payment_url) {
        p.add("payment_url", "请填写以 https:// 开头的缴费网址，不超过 500 个字符。");
    }
    let thesis_floor = Grade::parse(&form.thesis_floor).unwrap_or(Grade::Fair);
    let checks = p.take("checks", Checks::parse(&form.checks)).unwrap_or(Checks::Face);
    let rules: Vec<&str> = form.ticket_rules.lines().map(str::trim).filter(|rule| !rule.is_empty()).collect();
    if rules.len() > MAX_RULES || rules.iter().any(|rule| rule.chars().count() > MAX_RULE_CHARS) {
        p.add("ticket_rules", "准考证上的考生须知最多 20 条，每条不超过 120 字。");
    }
    let ticket_prefix = form.ticket_prefix.trim().to_owned();
    if !ticket_prefix.is_empty() && !digits(&ticket_prefix, PREFIX_DIGITS) {
        p.add("ticket_prefix", "准考证号前缀是 3 位数字：年份后两位和批次，例如 261。");
    }
    let subjects = read_subjects(&mut p, &form.subjects, payment_way);
    if !p.is_empty() {
        return Err(p);
    }
    Ok(ExamValues {
        title,
        notice: form.notice.replace("\r\n", "\n"),
        opens_at,
        closes_at,
        edit_until,
        pay_until,
        fee_name,
        fee,
        payment_way,
        payment_url,
        payee,
        thesis_floor,
        checks,
        ticket_rules: rules.join("\n"),
        ticket_prefix,
        subjects,
    })
}

/// What holds of the four moments of a window, where they are set.
pub(crate) fn check_window(p: &mut Problems, way: PaymentWay, opens_at: i64, closes_at: i64, edit_until: i64, pay_until: i64) {
    if opens_at != 0 && closes_at != 0 && closes_at <= opens_at {
        p.add("closes_at", "报名截止时间要晚于开始时间。");
    }
    if opens_at != 0 && edit_until != 0 && edit_until <= opens_at {
        p.add("edit_until", "修改截止时间要晚于报名开始时间。");
    }
    // Who signs up at the last moment has to be able to pay.
    if way != PaymentWay::Free && pay_until != 0 && pay_until < closes_at {
        p.add("pay_until", "缴费截止时间不能早于报名截止时间。");
    }
}

fn read_subjects(p: &mut Problems, rows: &[SubjectForm], way: PaymentWay) -> Vec<SubjectValues> {
    if rows.len() > MAX_SUBJECTS {
        p.add("subjects", "考试科目最多 30 个。");
        return Vec::new();
    }
    let mut subjects: Vec<SubjectValues> = Vec::new();
    for (number, row) in (1..).zip(rows).filter(|(_, row)| !row.is_empty()) {
        let mut wrong = |sentence: &str| p.add("subjects", format!("第 {number} 行：{sentence}"));
        let code = row.code.trim().to_owned();
        if !digits(&code, CODE_DIGITS) {
            wrong("科目代码是两位数字，例如 01，会印在准考证号里。");
        } else if subjects.iter().any(|other| other.code == code) {
            wrong("科目代码与前面的科目相同。");
        }
        let name = line(&row.name, MAX_NAME_CHARS, "请填写科目名称。", "科目名称不能超过 60 字。").unwrap_or_else(|s| {
            wrong(s);
            String::new()
        });
        let [starts_at, ends_at] = [(&row.starts_at, "开考时间"), (&row.ends_at, "结束时间")].map(|(text, what)| {
            UnixMs::parse_field(text).map_or_else(
                |_| {
                    wrong(&format!("请填写{what}，例如 2026-11-23 09:00。"));
                    0
                },
                |at| at.0,
            )
        });
        if starts_at != 0 && ends_at != 0 && ends_at <= starts_at {
            wrong("结束时间要晚于开考时间。");
        }
        let capacity = row.capacity.trim();
        let capacity = match capacity.parse::<i64>() {
            _ if capacity.is_empty() => None,
            Ok(places) if (1..=MAX_CAPACITY).contains(&places) => Some(places),
            _ => {
                wrong("名额请填写整数，不限名额请留空。");
                None
            }
        };
        let fee = match row.fee.trim() {
            "" => None,
            _ if way == PaymentWay::Free => None,
            fee => match Fen::parse_yuan(fee) {
                Ok(Fen(0)) => {
                    wrong("报名费要大于 0；留空则与考试的报名费相同，不收费的科目请另建一场免费的考试。");
                    None
                }
                parsed => parsed.map_err(wrong).ok(),
            },
        };
        subjects.push(SubjectValues { id: row.id.parse().ok(), code, name, starts_at, ends_at, capacity, fee });
    }
    subjects
}

fn moment(p: &mut Problems, name: &'static str, text: &str) -> i64 {
    if text.trim().is_empty() { 0 } else { p.take(name, UnixMs::parse_field(text)).map_or(0, |at| at.0) }
}

fn optional(p: &mut Problems, name: &'static str, text: &str, max: usize, sentence: &'static str) -> String {
    if text.trim().is_empty() { String::new() } else { p.take(name, line(text, max, sentence, sentence)).unwrap_or_default() }
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

/// An address that a QR code can carry and a browser opens: `https://`, a host, nothing that has no place in an address.
fn is_https(address: &str) -> bool {
    let host = address.strip_prefix("https://").map_or("", |rest| rest.split(['/', '?', '#', ':']).next().unwrap_or(""));
    let clean = address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\' | '`'));
    address.len() <= MAX_ADDRESS_BYTES && clean && host.contains('.') && !host.contains('@')
}

#[cfg(test)]
mod tests;
