//! Use cases: rooms, the arrangement in a click, its undoing, and the release of tickets. Each is one transaction: a candidate sees all of it or nothing.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;

use super::store::{self, Arrangement, RoomLoad};
use super::{MAX_ROOM_SEATS, MAX_ROOMS, MAX_SEED_CHARS, MAX_SIDE, MAX_SITES, Paper, Person, Room, arrange as plan, is_prefix};
use crate::accounts;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::{Conn, Tx};
use crate::error::{Error, Problems, Result};
use crate::exams::{self, Exam, Subject};
use crate::jobs;
use crate::ports::sms::Kind;
use crate::registrations::actions::reports;
use crate::registrations::{self, State};
use crate::staff::{Permission, Staff};
use crate::types::line;

/// Letters of a seed that the program draws.
const SEED_LETTERS: usize = 10;
/// Rows read at once.
const BATCH: i64 = 1000;
/// Exams to choose from.
const MAX_EXAMS: i64 = 100;

/// One subject's numbers.
#[derive(Debug)]
pub struct Load {
    /// The subject.
    pub subject: Subject,
    /// 待审核: they would be left out now.
    pub submitted: i64,
    /// 已通过, to be seated.
    pub approved: i64,
    /// Have a seat.
    pub seated: i64,
}

/// Everything about the seating of an exam.
#[derive(Debug)]
pub struct Hall {
    /// The exam.
    pub exam: Exam,
    /// Its subjects.
    pub loads: Vec<Load>,
    /// Its rooms, in their order.
    pub rooms: Vec<Room>,
    /// What was arranged, newest first.
    pub arrangements: Vec<Arrangement>,
}

impl Hall {
    /// All seats.
    pub fn seats(&self) -> i64 {
        self.rooms.iter().map(Room::seats).sum()
    }

    /// How many are to be seated.
    pub fn approved(&self) -> i64 {
        self.loads.iter().map(|load| load.approved).sum()
    }

    /// How many have a seat.
    pub fn seated(&self) -> i64 {
        self.loads.iter().map(|load| load.seated).sum()
    }

    /// How many wait for a decision and would be left out.
    pub fn submitted(&self) -> i64 {
        self.loads.iter().map(|load| load.submitted).sum()
    }

    /// Whether tickets are out.
    pub fn is_released(&self) -> bool {
        self.exam.tickets_released_at.is_some()
    }
}

/// The exams to choose from, newest first.
pub async fn exams(app: &App, staff: &Staff) -> Result<Vec<Exam>> {
    staff.require_somewhere(Permission::Seating.or_look())?;
    exams::store::list(&mut *app.db.read().await?, &staff.scope(Permission::Seating.or_look()), false, i64::MAX, MAX_EXAMS).await
}

/// The seating of an exam.
pub async fn hall(app: &App, staff: &Staff, exam: &str) -> Result<Hall> {
    let mut conn = app.db.read().await?;
    let exam = exams::store::find_by_ref(&mut conn, exam).await?;
    staff.require_in(exam.id, Permission::Seating.or_look())?;
    let counts = registrations::store::counts_by_subject(&mut conn, exam.id).await?;
    let seated = store::seated_counts(&mut conn, exam.id).await?;
    let count = |subject: i64, state: State| counts.iter().find(|c| c.0 == subject && c.1 == state.code()).map_or(0, |c| c.2);
    let loads = exams::store::subjects(&mut conn, exam.id)
        .await?
        .into_iter()
        .map(|subject| Load {
            submitted: count(subject.id, State::Submitted),
            approved: count(subject.id, State::Approved),
            seated: seated.iter().find(|s| s.0 == subject.id).map_or(0, |s| s.1),
            subject,
        })
        .collect();
    let rooms = store::rooms(&mut conn, exam.id).await?;
    let arrangements = store::arrangements(&mut conn, exam.id).await?;
    Ok(Hall { exam, loads, rooms, arrangements })
}

/// 考场对照: the hall and how each room is filled.
pub async fn table(app: &App, staff: &Staff, exam: &str) -> Result<(Hall, Vec<RoomLoad>)> {
    let hall = hall(app, staff, exam).await?;
    let loads = store::loads(&mut *app.db.read().await?, hall.exam.id).await?;
    Ok((hall, loads))
}

/// What the form for a room sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoomForm {
    /// 考点.
    pub site: String,
    /// 考点地址.
    pub address: String,
    /// 考场名称.
    pub name: String,
    /// 列数.
    pub columns: String,
    /// 每列座位数.
    pub rows: String,
}

fn parse_room(form: &RoomForm) -> Result<Room, Problems> {
    let mut problems = Problems::new();
    let site = problems.take("site", line(&form.site, 40, "请填写考点名称，例如：南校区。", "考点名称不能超过 40 个字。"));
    let address = problems.take("address", line(&form.address, 80, "请填写考点地址，准考证上会印出来。", "考点地址不能超过 80 个字。"));
    let name = problems.take("name", line(&form.name, 40, "请填写考场名称，例如：博学楼 A302。", "考场名称不能超过 40 个字。"));
    let side = |text: &str| text.trim().parse::<i64>().ok().filter(|n| (1..=MAX_SIDE).contains(n)).ok_or("请填写 1 至 20 之间的整数。");
    let columns = problems.take("columns", side(&form.columns));
    let rows = problems.take("rows", side(&form.rows));
    if let (Some(columns), Some(rows)) = (columns, rows)
        && columns * rows > MAX_ROOM_SEATS
    {
        problems.add("rows", "一个考场最多 99 个座位，请减少列数或每列座位数。");
    }
    match (site, address, name, columns, rows) {
        (Some(site), Some(address), Some(name), Some(seat_columns), Some(seat_rows)) if problems.is_empty() => {
            Ok(Room { id: 0, exam: 0, site, address, name, seat_columns, seat_rows, position: 0 })
        }
        _ => Err(problems),
    }
}

/// The rooms of an exam may change only while nobody has a seat: their order is in the ticket numbers.
async fn require_no_seats(conn: &mut Conn, exam: &Exam) -> Result<()> {
    if exam.tickets_released_at.is_some() {
        return Err(Error::refused("released", "准考证已经发布，考场和座位不能再变动。"));
    }
    if !store::seated(conn, exam.id, 0, 1).await?.is_empty() {
        return Err(Error::refused("already_arranged", "考场已经编排。如需重新编排，请先取消编排。"));
    }
    Ok(())
}

/// Adds a room at the end of the list.
pub async fn add_room(app: &App, staff: &Staff, exam: &str, form: &RoomForm) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let exam = exams::store::hold(&mut tx, exam).await?;
    staff.require_in(exam.id, Permission::Seating)?;
    let mut room = parse_room(form).map_err(Error::Invalid)?;
    require_no_seats(&mut tx, &exam).await?;
    let rooms = store::rooms(&mut tx, exam.id).await?;
    if rooms.len() >= MAX_ROOMS {
        return Err(Error::invalid("name", "一场考试最多 999 个考场。"));
    }
    if !rooms.iter().any(|r| r.site == room.site) && super::site_count(&rooms) >= MAX_SITES {
        return Err(Error::invalid("site", "一场考试最多 99 个考点。"));
    }
    room.id = app.ids.make(now);
    room.exam = exam.id;
    room.position = rooms.last().map_or(1, |last| last.position + 1);
    if !store::insert_room(&mut tx, &room).await? {
        return Err(Error::invalid("name", "这个考点已有同名考场，请换一个名称。"));
    }
    let detail = json!({ "site": room.site, "room": room.name, "columns": room.seat_columns, "rows": room.seat_rows });
    write(app, &mut tx, staff, "seating.add_room", exam.id, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a room, named by its place in the list.
pub async fn remove_room(app: &App, staff: &Staff, exam: &str, position: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let exam = exams::store::hold(&mut tx, exam).await?;
    staff.require_in(exam.id, Permission::Seating)?;
    require_no_seats(&mut tx, &exam).await?;
    let room = store::rooms(&mut tx, exam.id).await?.into_iter().find(|room| room.position == position).ok_or(Error::NotFound)?;
    store::delete_room(&mut tx, room.id).await?;
    write(app, &mut tx, staff, "seating.remove_room", exam.id, json!({ "site": room.site, "room": room.name })).await?;
    tx.commit().await?;
    Ok(())
}

async fn write(app: &App, tx: &mut Tx, staff: &Staff, action: &'static str, exam: i64, detail: serde_json::Value) -> Result<()> {
    let entry = Entry { action, subject_kind: "exam", subject_id: exam, detail, actor: &staff.actor() };
    audit::write(tx, app.clock.now(), entry).await
}

fn parse_seed(app: &App, typed: &str) -> Result<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return app.keys.reference(SEED_LETTERS);
    }
    let fits = typed.chars().count() <= MAX_SEED_CHARS && typed.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits {
        Ok(typed.to_owned())
    } else {
        Err(Error::invalid("seed", "随机种子只能是字母、数字和短横线，最多 64 位。"))
    }
}

/// Everybody who is to be seated, by subject.
async fn papers(conn: &mut Conn, exam: &Exam) -> Result<Vec<Paper>> {
    let mut people: HashMap<i64, Vec<Person>> = HashMap::new();
    let mut after = 0;
    loop {
        let rows = registrations::store::of_exam(conn, exam.id, Some(State::Approved), after, BATCH).await?;
        for row in &rows {
            let Some(subject) = row.subject else { continue };
            let major = accounts::store::find(conn, row.account).await?.map_or_else(String::new, |account| account.major);
            people.entry(subject).or_default().push(Person { registration: row.id, reference: row.public_ref.clone(), major });
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == BATCH => after = last.id,
            _ => break,
        }
    }
    let subjects = exams::store::subjects(conn, exam.id).await?;
    let mut papers = Vec::new();
    for subject in subjects {
        let number = subject.code.parse().map_err(|_| Error::internal(format!("the subject code {} is no number", subject.code)))?;
        let people = people.remove(&subject.id).unwrap_or_default();
        papers.push(Paper { people, subject: subject.id, number, starts_at: subject.starts_at, ends_at: subject.ends_at });
    }
    Ok(papers)
}

/// Seats everybody who is approved, by the seed that was typed or one that is drawn now; returns how many and the seed.
pub async fn arrange(app: &App, staff: &Staff, exam: &str, seed: &str) -> Result<(i64, String)> {
    let mut conn = app.db.read().await?;
    let exam = exams::store::find_by_ref(&mut conn, exam).await?;
    staff.require_in(exam.id, Permission::Seating)?;
    let seed = parse_seed(app, seed)?;
    require_no_seats(&mut conn, &exam).await?;
    if !is_prefix(&exam.ticket_prefix) {
        return Err(Error::refused("no_prefix", "请先在考试设置中填写 3 位数字的准考证号前缀（年份 2 位、批次 1 位）。"));
    }
    let rooms = store::rooms(&mut conn, exam.id).await?;
    let papers = papers(&mut conn, &exam).await?;
    drop(conn);
    if papers.iter().all(|paper| paper.people.is_empty()) {
        return Err(Error::refused("nobody", "还没有审核通过的报名，暂时不能编排。"));
    }
    // The plan is made before the transaction: nothing waits for it. What changed meanwhile is found out there: the exam with its subjects, the rooms, and by its
    // state everybody who is not approved any more.
    let made = {
        let (prefix, seed, rooms, papers) = (exam.ticket_prefix.clone(), seed.clone(), rooms.clone(), papers);
        tokio::task::spawn_blocking(move || plan(&prefix, &seed, &rooms, papers)).await?
    };
    let seats = match made {
        Ok(seats) => seats,
        Err(missing) => return Err(shortage(&mut *app.db.read().await?, &missing).await?),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let planned = exam.updated_at;
    let exam = exams::store::hold(&mut tx, &exam.public_ref).await?;
    require_no_seats(&mut tx, &exam).await?;
    if exam.updated_at != planned {
        return Err(Error::refused("changed_meanwhile", "考试设置刚刚有变动，请查看后重新编排。"));
    }
    if store::rooms(&mut tx, exam.id).await? != rooms {
        return Err(Error::refused("changed_meanwhile", "考场列表刚刚有变动，请查看后重新编排。"));
    }
    for seat in &seats {
        reports::seated(app, &mut tx, seat.registration, &staff.actor()).await?;
        store::insert_seat(&mut tx, exam.id, seat).await?;
    }
    let seated = seats.len() as i64;
    let arrangement =
        Arrangement { id: app.ids.make(now), seed: seed.clone(), seated, created_at: now.0, created_by: staff.id, undone_at: None };
    store::insert_arrangement(&mut tx, exam.id, &arrangement).await?;
    write(app, &mut tx, staff, "seating.arrange", exam.id, json!({ "seed": seed, "seated": seated, "rooms": rooms.len() })).await?;
    tx.commit().await?;
    Ok((seated, seed))
}

async fn shortage(conn: &mut Conn, missing: &super::Shortage) -> Result<Error> {
    let mut parts = Vec::new();
    for (subject, count) in missing {
        parts.push(format!("{} 还缺 {count} 个座位", exams::store::subject(conn, *subject).await?.name));
    }
    Ok(Error::refused(
        "seats_missing",
        format!("座位不够：{}。请增加考场后再编排，现在没有编排任何人。同时开考的科目不能安排在同一个考场。", parts.join("，")),
    ))
}

/// Takes the arrangement back, before the release; returns how many seats it had.
pub async fn undo(app: &App, staff: &Staff, exam: &str, is_sure: bool) -> Result<i64> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let exam = exams::store::hold(&mut tx, exam).await?;
    staff.require_in(exam.id, Permission::Seating)?;
    if exam.tickets_released_at.is_some() {
        return Err(Error::refused("released", "准考证已经发布，不能再取消编排。"));
    }
    let everybody = everybody(&mut tx, exam.id).await?;
    if everybody.is_empty() {
        return Err(Error::refused("not_arranged", "还没有编排考场，不用取消。"));
    }
    if !is_sure {
        return Err(Error::invalid("sure", "请先勾选确认，再取消座位。"));
    }
    for registration in &everybody {
        reports::unseated(app, &mut tx, *registration, &staff.actor()).await?;
    }
    store::delete_seats(&mut tx, exam.id).await?;
    store::undo_arrangement(&mut tx, exam.id, now).await?;
    write(app, &mut tx, staff, "seating.undo", exam.id, json!({ "unseated": everybody.len() })).await?;
    tx.commit().await?;
    Ok(everybody.len() as i64)
}

async fn everybody(conn: &mut Conn, exam: i64) -> Result<Vec<i64>> {
    let mut all: Vec<i64> = Vec::new();
    loop {
        let after = all.last().copied().unwrap_or(0);
        let batch = store::seated(conn, exam, after, BATCH).await?;
        let is_last = (batch.len() as i64) < BATCH;
        all.extend(batch);
        if is_last {
            return Ok(all);
        }
    }
}

/// Releases the tickets of everybody who has a seat, and tells them. `expected` is the number that the staff member confirmed.
pub async fn release(app: &App, staff: &Staff, exam: &str, expected: i64) -> Result<i64> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let exam = exams::store::hold(&mut tx, exam).await?;
    staff.require_in(exam.id, Permission::Seating)?;
    let everybody = everybody(&mut tx, exam.id).await?;
    if everybody.is_empty() {
        return Err(Error::refused("not_arranged", "还没有编排考场，请先编排再发布准考证。"));
    }
    let count = everybody.len() as i64;
    if count != expected {
        return Err(Error::refused("changed_meanwhile", format!("已编排的人数变为 {count} 人，请核对后重新确认发布。")));
    }
    if !exams::store::set_released(&mut tx, exam.id, now).await? {
        return Err(Error::refused("released", "准考证已经发布过了。"));
    }
    let body = format!("“{}”的准考证已发布，请在“我的报名”中下载并打印，按准考证上的时间和地点参加考试。", exam.title);
    for registration in everybody {
        reports::released(app, &mut tx, registration, &staff.actor()).await?;
        let row = registrations::store::find(&mut tx, registration).await?;
        let link = format!("/registrations/{}", row.public_ref);
        jobs::notify_of(app, &mut tx, Kind::Ticket, row.account, ("准考证可以下载了", &body, &link), true).await?;
    }
    write(app, &mut tx, staff, "seating.release", exam.id, json!({ "released": count })).await?;
    tx.commit().await?;
    app.wake();
    Ok(count)
}
