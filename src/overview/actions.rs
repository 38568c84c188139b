//! What the first page tells. What may be large was counted by a job; what is cheap to count is counted now.

use std::collections::BTreeMap;

use super::chart::{Bars, Line};
use super::jobs::{CHECKS_DAYS, MAX_EXAMS, NO_EXAM};
use super::store::{self, Figure};
use super::words::check_word;
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::exams::{self, Exam, view::ExamView};
use crate::jobs::waiting;
use crate::registrations::{self, State};
use crate::staff::{Permission, Staff};
use crate::types::{Fen, Scope, UnixMs};
use crate::web::layout::QueueCounts;
use crate::{face, identity};

/// Where counting took less, the last time, it is done again for whoever looks: a small school sees every figure as it is.
const CHEAP_MS: i64 = 20;
const DAY_S: i64 = 86_400;

/// A queue in which cases wait for a person.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Waiting {
    pub word: &'static str,
    pub href: &'static str,
    pub count: i64,
    /// Since when the oldest waits, in words; "" for none.
    pub oldest: String,
}

/// An exam with its numbers by state.
#[derive(Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct ExamNumbers {
    pub view: ExamView,
    pub counts: Vec<(State, i64)>,
    pub total: i64,
}

/// The charts of one exam.
#[derive(Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Charts {
    pub exam: Exam,
    pub counted: String,
    pub lines: Vec<Line>,
    pub bars: Vec<Bars>,
}

impl Charts {
    /// Whether nobody has begun yet.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.peak.is_none()) && self.bars.is_empty()
    }
}

/// Everything on the first page.
#[derive(Debug)]
pub struct Overview {
    /// The queues that this person may work in.
    pub waiting: Vec<Waiting>,
    /// The exams that candidates see; none for somebody who may not see registrations.
    pub exams: Vec<ExamNumbers>,
    /// Of the exam that is looked at.
    pub charts: Option<Charts>,
    /// How checks by the machine ended, of the last month.
    pub checks: Vec<Bars>,
    /// Whether this person may see registrations.
    pub sees_exams: bool,
    /// Whether this person may create exams.
    pub creates_exams: bool,
}

/// How many cases wait for a person, as far as this one works on them.
pub async fn queue_counts(app: &App, staff: &Staff) -> Result<QueueCounts> {
    let mut conn = app.db.read().await?;
    let mut counts = QueueCounts::default();
    if staff.may(Permission::ReviewIdentity) {
        counts.identity = identity::store::waiting(&mut conn).await?;
    }
    counts.face = face::actions::staff::waiting(&mut conn, staff).await?;
    match staff.scope(Permission::ReviewPayment.or_look()) {
        Scope::All => counts.payment = registrations::store::lists::waiting(&mut conn).await?,
        Scope::Exams(exams) => {
            for exam in exams {
                counts.payment += registrations::store::lists::count(&mut conn, exam, State::Submitted).await?;
            }
        }
    }
    Ok(counts)
}

/// The figures of an exam (0: of none), and when they were counted.
async fn figures(app: &App, conn: &mut Conn, exam: i64) -> Result<(Vec<Figure>, UnixMs)> {
    let now = app.clock.now();
    match store::counted(conn, exam).await? {
        Some((at, took_ms)) if took_ms >= CHEAP_MS => Ok((store::figures(conn, exam).await?, UnixMs(at))),
        _ if exam == NO_EXAM => Ok((store::count_checks(conn, now.plus_s(-CHECKS_DAYS * DAY_S)).await?, now)),
        _ => Ok((store::count_exam(conn, exam, now).await?, now)),
    }
}

fn of<'a>(figures: &'a [Figure], wanted: &'a str) -> impl Iterator<Item = (&'a str, i64)> {
    figures.iter().filter(move |(figure, ..)| figure == wanted).map(|(_, key, value)| (key.as_str(), *value))
}

fn sorted(figures: &[Figure], wanted: &str) -> Vec<(String, i64)> {
    let mut rows: Vec<(String, i64)> =
        of(figures, wanted).map(|(key, value)| (if key.is_empty() { "未填写" } else { key }.to_owned(), value)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows
}

/// Values at every hour or day up to now, gaps filled with zeros.
fn over_time(figures: &[Figure], wanted: &str, unit_ms: i64, count: i64, now: UnixMs, word: &str) -> Vec<(String, i64)> {
    const ZONE_MS: i64 = 8 * 3_600_000;
    let known: BTreeMap<i64, i64> = of(figures, wanted).filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect();
    let last = (now.0 + ZONE_MS) / unit_ms;
    let first = known.keys().next().copied().unwrap_or(last).clamp(last - count + 1, last - 6);
    (first..=last)
        .map(|unit| {
            let at = UnixMs(unit * unit_ms - ZONE_MS).local();
            (at.strftime(word).to_string(), known.get(&unit).copied().unwrap_or(0))
        })
        .collect()
}

fn charts(exam: &Exam, figures: &[Figure], counted: UnixMs, now: UnixMs) -> Charts {
    let plain = |n: i64| n.to_string();
    let money = |states: &[State]| -> i64 {
        of(figures, "money").filter(|(code, _)| states.iter().any(|state| state.code() == *code)).map(|(_, fen)| fen).sum()
    };
    let mut bars = vec![
        Bars::new("按科目", "科目", of(figures, "subject").map(|(key, value)| (key.to_owned(), value)).collect(), plain),
        Bars::new("按考生类型", "考生类型", sorted(figures, "type"), plain),
        Bars::new("按专业（人数最多的 20 个）", "专业", sorted(figures, "major"), plain),
    ];
    if of(figures, "money").any(|(_, fen)| fen > 0) {
        let rows = [
            ("已审核通过", money(&[State::Approved, State::Seated, State::Released])),
            ("待审核", money(&[State::Submitted])),
            ("待缴费", money(&[State::AwaitingPayment])),
            ("已退回", money(&[State::Returned])),
        ];
        let rows = rows.into_iter().map(|(word, fen)| (word.to_owned(), fen)).collect();
        bars.push(Bars::new("报名费（已提交的按提交时的标准，其余按现在的标准）", "状态", rows, |fen| {
            Fen(fen).to_string()
        }));
    }
    bars.retain(Bars::has_any);
    Charts {
        exam: exam.clone(),
        counted: counted.words(),
        lines: vec![
            Line::new("每天开始报名的人数", "日期", over_time(figures, "day", 86_400_000, 60, now, "%-m月%-d日")),
            Line::new("每小时开始报名的人数（48 小时内）", "时间", over_time(figures, "hour", 3_600_000, 48, now, "%-d日%-H时")),
        ],
        bars,
    }
}

/// How checks ended, and for which reasons they did not pass.
fn checks(figures: &[Figure]) -> Vec<Bars> {
    let mut all = Vec::new();
    for (figure, ends, reasons) in
        [("identity", "实名认证结果（30 天内）", "实名认证未通过的原因"), ("face", "人脸识别结果（30 天内）", "人脸识别未通过的原因")]
    {
        let (mut by_end, mut by_reason): (BTreeMap<&str, i64>, BTreeMap<&str, i64>) = (BTreeMap::new(), BTreeMap::new());
        for (key, count) in of(figures, figure) {
            let (state, problems) = key.split_once('|').unwrap_or((key, ""));
            let end = match state {
                "passed" => "自动通过",
                "approved" => "人工通过",
                "failed" => "未通过",
                "returned" => "人工退回",
                "person" => "等待人工",
                _ => continue,
            };
            *by_end.entry(end).or_default() += count;
            for problem in problems.split(',').filter(|code| !code.is_empty() && state != "passed") {
                *by_reason.entry(check_word(figure, problem)).or_default() += count;
            }
        }
        let total: i64 = by_end.values().sum();
        let sort = |rows: BTreeMap<&str, i64>| {
            let mut rows: Vec<(String, i64)> = rows.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
            rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            rows
        };
        let share = move |count: i64| format!("{count}（{}%）", count * 100 / total.max(1));
        all.push(Bars::new(ends, "结果", sort(by_end), share));
        all.push(Bars::new(reasons, "原因", sort(by_reason), |count| count.to_string()));
    }
    all.retain(Bars::has_any);
    all
}

/// For whoever is signed in: each sees what they may work on. `exam`: whose charts, "" for the newest.
pub async fn overview(app: &App, staff: &Staff, exam: &str) -> Result<Overview> {
    let now = app.clock.now();
    let queues = queue_counts(app, staff).await?;
    let mut conn = app.db.read().await?;
    let (general, _) = figures(app, &mut conn, NO_EXAM).await?;
    let oldest = |key: &str, count: i64| {
        let at = of(&general, "oldest").find(|(known, _)| *known == key).filter(|_| count > 0);
        at.map_or_else(String::new, |(_, at)| since(now, UnixMs(at)))
    };
    // The age was counted over all exams: of somebody else's cases it says nothing.
    let queue = |needs, word, href, key: &str, count| {
        let oldest = if staff.may(needs) { oldest(key, count) } else { String::new() };
        staff.may_somewhere(needs).then_some(Waiting { word, href, count, oldest })
    };
    let (identity, payment) = (Permission::ReviewIdentity, Permission::ReviewPayment);
    let mut waiting_now: Vec<Waiting> = [
        queue(identity, "实名审核", "/console/review/identity", "identity", queues.identity).filter(|_| staff.may(identity)),
        queue(identity, "人脸审核", "/console/review/face", "face", queues.face),
        queue(payment, "缴费审核", "/console/review/payment", "payment", queues.payment),
    ]
    .into_iter()
    .flatten()
    .collect();
    let sees_exams = staff.may_somewhere(Permission::Candidates);
    if !waiting_now.is_empty() {
        let (count, since_ms) = waiting(app, &mut conn).await?;
        let oldest = since_ms.map_or_else(String::new, |at| since(now, UnixMs(at)));
        waiting_now.push(Waiting { word: "照片识别排队", href: "", count, oldest });
    }
    let (mut exams, mut shown) = (Vec::new(), None);
    if sees_exams {
        let mut visible = exams::store::visible(&mut conn, MAX_EXAMS).await?;
        visible.retain(|exam| staff.may_in(exam.id, Permission::Candidates));
        for one in visible {
            let (figures, counted) = figures(app, &mut conn, one.id).await?;
            let number = |state: State| of(&figures, "state").find(|(code, _)| *code == state.code()).map_or(0, |(_, count)| count);
            let counts: Vec<(State, i64)> = State::ALL.into_iter().map(|state| (state, number(state))).collect();
            let total = counts.iter().map(|(_, count)| count).sum();
            if one.public_ref == exam || exam.is_empty() && shown.is_none() {
                shown = Some(charts(&one, &figures, counted, now));
            }
            exams.push(ExamNumbers { view: ExamView { exam: one, subjects: Vec::new(), now }, counts, total });
        }
    }
    Ok(Overview {
        waiting: waiting_now,
        exams,
        charts: shown,
        checks: if sees_exams { checks(&general) } else { Vec::new() },
        sees_exams,
        creates_exams: staff.may(Permission::Exams),
    })
}

/// `等了 3 小时`.
fn since(now: UnixMs, at: UnixMs) -> String {
    let minutes = (now.0 - at.0).max(0) / 60_000;
    match minutes {
        0..60 => format!("最早的等了 {minutes} 分钟"),
        60..1440 => format!("最早的等了 {} 小时", minutes / 60),
        _ => format!("最早的等了 {} 天", minutes / 1440),
    }
}
