//! Fills a demo with as many registrations as a large school has in years, to see every list at its size. The people are invented; their numbers begin with an
//! area that does not exist.

use std::time::Instant;

use jiff::ToSpan;

use super::actions::{publish_exam, seed};
use crate::accounts::CANDIDATE_TYPES;
use crate::accounts::store::fill::{self as people, Invented, ROWS};
use crate::app::App;
use crate::db::{Tx, installation};
use crate::error::{Error, Result};
use crate::exams::{self, Exam, PaymentWay};
use crate::registrations;
use crate::seating::{self, Room};
use crate::types::{DocumentKind, DocumentNumber, Scope, UnixMs};

/// More would exhaust the numbers that are drawn here.
pub const MOST: u32 = 5_000_000;
/// People of one transaction.
const BATCH: u32 = 20_000;
/// Birth dates: so many days from 1975.
const DAYS: u32 = 10_000;
/// Over how many seconds the registrations are spread.
const SPREAD_S: i64 = 86_400;
const EXAMS: i64 = 30;
/// 9 × 10 seats.
const SEATS: (i64, i64) = (9, 10);
/// A ticket number has three digits for the room in its site.
const ROOMS_PER_SITE: i64 = 900;

const FAMILY: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗", "郑", "梁",
    "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡", "潘", "田", "董", "袁", "欧阳", "上官",
];
const GIVEN: [&str; 48] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "英", "华",
    "玉", "萍", "红", "鹏", "辉", "慧", "波", "宁", "建", "国", "文", "雪", "梅", "晨", "宇", "浩", "然", "婷", "欣", "怡", "子", "轩",
    "梓", "涵", "志", "喆",
];
const MAJORS: [&str; 12] = [
    "会计学",
    "工商管理",
    "行政管理",
    "法学",
    "汉语言文学",
    "英语",
    "护理学",
    "土木工程",
    "计算机科学与技术",
    "电气工程及其自动化",
    "学前教育",
    "人力资源管理",
];

fn pick<'a>(from: &[&'a str], nth: u32) -> &'a str {
    from[nth as usize % from.len()]
}

/// The nth person; the same for the same n.
fn person(app: &App, nth: u32, at: UnixMs) -> Result<Invented> {
    // Neighbours get different names: a multiplication scatters them.
    let mixed = nth.wrapping_mul(2_654_435_761) >> 4;
    let second = if mixed.is_multiple_of(4) { "" } else { pick(&GIVEN, mixed / 9_600) };
    let birth = jiff::civil::date(1975, 1, 1).saturating_add(i64::from(nth % DAYS).days());
    let sequence = u16::try_from(nth / DAYS + 1).map_err(Error::internal)?;
    let number = baokao_specimen::number::resident(baokao_specimen::number::NOWHERE, birth, sequence);
    Ok(Invented {
        id: app.ids.make(at),
        number: DocumentNumber::stored(DocumentKind::ResidentCard, number),
        name: format!("{}{}{second}", pick(&FAMILY, mixed), pick(&GIVEN, mixed / 200)),
        phone: format!("1990{nth:07}"),
        candidate_type: pick(&CANDIDATE_TYPES, mixed / 7),
        major: pick(&MAJORS, mixed / 11),
        created_at: at,
    })
}

async fn exam(app: &App) -> Result<Exam> {
    let title = format!("{}年上半年学士学位外语考试（演示名单）", app.clock.now().local().year());
    let found = exams::store::list(&mut *app.db.read().await?, &Scope::All, false, i64::MAX, EXAMS)
        .await?
        .into_iter()
        .find(|exam| exam.title == title);
    match found {
        Some(exam) => Ok(exam),
        None => {
            // Nobody of them has a screenshot.
            let reference = publish_exam(app, title, 2, PaymentWay::Offline).await?;
            exams::store::find_by_ref(&mut *app.db.read().await?, &reference).await
        }
    }
}

/// Fills up to so many candidates, each with a registration, and says how far it is. Cut short, it may be run again: who is there stays. Returns how many were added.
pub async fn fill(app: &App, candidates: u32, told: impl Fn(&str)) -> Result<u64> {
    if !(1..=MOST).contains(&candidates) {
        return Err(Error::internal(format!("--candidates must be between 1 and {MOST}")));
    }
    seed(app).await?;
    let exam = exam(app).await?;
    let subjects = exams::store::subjects(&mut *app.db.read().await?, exam.id).await?;
    let [first, second] = subjects.as_slice() else { return Err(Error::internal("the exam of the demo must have two subjects")) };
    let began = Instant::now();
    let start = app.clock.now().plus_s(-SPREAD_S);
    let mut added = 0;
    for batch in (0..candidates).step_by(BATCH as usize) {
        let until = candidates.min(batch + BATCH);
        let moment = |nth: u32| start.plus_ms(SPREAD_S * 1000 * i64::from(nth) / i64::from(candidates));
        let mut tx = app.db.begin().await?;
        let (mut lowest, mut highest) = (i64::MAX, 0);
        for head in (batch..until).step_by(ROWS) {
            let mut made = Vec::with_capacity(ROWS);
            // The last statement repeats the last person, whose number is then taken.
            for nth in head..head + ROWS as u32 {
                made.push(person(app, nth.min(until - 1), moment(nth.min(until - 1)))?);
            }
            let made: [Invented; ROWS] = made.try_into().map_err(|_| Error::internal("a statement takes a fixed number of rows"))?;
            lowest = made.iter().map(|person| person.id).fold(lowest, i64::min);
            highest = made.iter().map(|person| person.id).fold(highest, i64::max);
            people::insert(app, &mut tx, &made).await?;
        }
        people::names(&mut tx, [lowest, highest]).await?;
        added += registrations::store::fill::register(&mut tx, exam.id, [first.id, second.id], [lowest, highest]).await?;
        tx.commit().await?;
        told(&format!("{until} of {candidates} candidates, {} s", began.elapsed().as_secs()));
    }
    let mut tx = app.db.begin().await?;
    for subject in [first.id, second.id] {
        let counted = registrations::store::counts_by_subject(&mut tx, exam.id).await?;
        let taken = counted.iter().filter(|(id, state, _)| *id == subject && state != "withdrawn").map(|(.., count)| count).sum();
        exams::store::set_taken(&mut tx, subject, taken).await?;
    }
    let seated = seat(app, &mut tx, &exam, candidates).await?;
    exams::store::set_released(&mut tx, exam.id, app.clock.now()).await?;
    tx.commit().await?;
    installation::analyze(&mut *app.db.read().await?).await?;
    told(&format!("{added} registrations, {seated} of them seated, {} s", began.elapsed().as_secs()));
    Ok(added)
}

async fn seat(app: &App, tx: &mut Tx, exam: &Exam, candidates: u32) -> Result<u64> {
    let per_room = SEATS.0 * SEATS.1;
    // A third of all are seated, four fifths of them in the first subject, which has every second room.
    let rooms = 2 * (i64::from(candidates) * 2 / 5 / per_room + 1);
    for position in 0..rooms {
        let (site, number) = (position / ROOMS_PER_SITE + 1, position % ROOMS_PER_SITE + 1);
        let room = Room {
            id: app.ids.make(app.clock.now()),
            exam: exam.id,
            site: format!("第{site}考点"),
            address: format!("学府路{site}号"),
            name: format!("{number:03}室"),
            seat_columns: SEATS.0,
            seat_rows: SEATS.1,
            position,
        };
        seating::store::insert_room(tx, &room).await?;
    }
    seating::store::fill_seats(tx, exam.id, &exam.ticket_prefix, per_room, ROOMS_PER_SITE).await
}
