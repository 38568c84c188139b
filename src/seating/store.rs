//! SQL on `rooms`, `arrangements` and `seats`.

use super::{Room, Seat};
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// The rooms of an exam, in the order in which they are filled.
pub async fn rooms(conn: &mut Conn, exam: i64) -> Result<Vec<Room>> {
    Ok(sqlx::query_as(sql!(
        "select id, exam, site, address, name, seat_columns, seat_rows, position from rooms where exam = $1 order by position limit 1000"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// Writes a room; `false` when the site has one of this name already.
pub async fn insert_room(tx: &mut Tx, room: &Room) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into rooms (id, exam, site, address, name, seat_columns, seat_rows, position) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"
    ))
    .bind(room.id)
    .bind(room.exam)
    .bind(room.site.clone())
    .bind(room.address.clone())
    .bind(room.name.clone())
    .bind(room.seat_columns)
    .bind(room.seat_rows)
    .bind(room.position)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a room that nobody sits in.
pub async fn delete_room(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("delete from rooms where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Seats everybody of the demo's invented exam who is to have a seat: each subject in every second room, by row id. The rooms are there, `per_room` seats each,
/// `per_site` rooms a site, at positions from 0.
pub async fn fill_seats(tx: &mut Tx, exam: i64, prefix: &str, per_room: i64, per_site: i64) -> Result<u64> {
    let done = sqlx::query(sql!(
        "insert into seats (registration, exam, subject, room, seat, ticket_number)
         select p.id, m.exam, p.subject, m.id, p.nth % $3 + 1,
                cast($2 as text) || substr(cast(101 + m.position / $4 as text), 2, 2) || p.code || substr(cast(1001 + m.position % $4 as text), 2, 3)
                || substr(cast(101 + p.nth % $3 as text), 2, 2)
         from (select r.id, r.subject, s.code, cast(s.code as bigint) as paper, row_number() over (partition by r.subject order by r.id) - 1 as nth
               from registrations r join subjects s on s.id = r.subject where r.exam = $1 and r.state in ('seated', 'released')) as p
         join rooms m on m.exam = $1 and m.position = p.nth / $3 * 2 + p.paper - 1
         where p.nth >= 0
         on conflict do nothing"
    ))
    .bind(exam)
    .bind(prefix.to_owned())
    .bind(per_room)
    .bind(per_site)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Writes a seat.
pub async fn insert_seat(tx: &mut Tx, exam: i64, seat: &Seat) -> Result<()> {
    sqlx::query(sql!("insert into seats (registration, exam, subject, room, seat, ticket_number) values ($1, $2, $3, $4, $5, $6)"))
        .bind(seat.registration)
        .bind(exam)
        .bind(seat.subject)
        .bind(seat.room)
        .bind(seat.seat)
        .bind(seat.ticket_number.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The registrations that have a seat in an exam, by row id above `after`.
pub async fn seated(conn: &mut Conn, exam: i64, after: i64, limit: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> =
        sqlx::query_as(sql!("select registration from seats where exam = $1 and registration > $2 order by registration limit $3"))
            .bind(exam)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many have a seat, by subject.
pub async fn seated_counts(conn: &mut Conn, exam: i64) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(sql!("select subject, cast(count(*) as bigint) from seats where exam = $1 group by subject"))
        .bind(exam)
        .fetch_all(conn)
        .await?)
}

/// Takes all seats of an exam back.
pub async fn delete_seats(tx: &mut Tx, exam: i64) -> Result<()> {
    sqlx::query(sql!("delete from seats where exam = $1")).bind(exam).execute(&mut **tx).await?;
    Ok(())
}

/// How one room is filled for one subject: how many sit there, the first and the last ticket number.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RoomLoad {
    pub subject: i64,
    pub room: i64,
    pub count: i64,
    pub first_ticket: String,
    pub last_ticket: String,
}

/// 考场对照: every room with each subject that is sat in it.
pub async fn loads(conn: &mut Conn, exam: i64) -> Result<Vec<RoomLoad>> {
    Ok(sqlx::query_as(sql!(
        "select subject, room, cast(count(*) as bigint) as count, min(ticket_number) as first_ticket, max(ticket_number) as last_ticket
         from seats where exam = $1 group by subject, room limit 100000"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// A registration's seat with its room.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Seated {
    pub seat: i64,
    pub ticket_number: String,
    pub room: i64,
    pub site: String,
    pub address: String,
    pub name: String,
    pub position: i64,
    pub number: i64,
}

/// The registrations with this ticket number; `prefix` is its first three digits, which an exam chose.
pub async fn with_ticket(conn: &mut Conn, prefix: &str, number: &str) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(sql!(
        "select s.registration from exams e join seats s on s.exam = e.id and s.ticket_number = $2 where e.ticket_prefix = $1 order by s.registration limit 20"
    ))
    .bind(prefix)
    .bind(number)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(registration,)| registration).collect())
}

/// Where a registration sits. `number` is the room's place in the list, from 1 (rooms stay as they are while somebody has a seat).
pub async fn seat_of(conn: &mut Conn, registration: i64) -> Result<Option<Seated>> {
    Ok(sqlx::query_as(sql!(
        "select s.seat, s.ticket_number, s.room, r.site, r.address, r.name, r.position,
                cast((select count(*) from rooms o where o.exam = r.exam and o.position <= r.position) as bigint) as number
         from seats s join rooms r on r.id = s.room where s.registration = $1"
    ))
    .bind(registration)
    .fetch_optional(conn)
    .await?)
}

/// An arrangement that was made.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Arrangement {
    pub id: i64,
    pub seed: String,
    pub seated: i64,
    pub created_at: i64,
    pub created_by: i64,
    pub undone_at: Option<i64>,
}

/// The arrangements of an exam, newest first.
pub async fn arrangements(conn: &mut Conn, exam: i64) -> Result<Vec<Arrangement>> {
    Ok(sqlx::query_as(sql!(
        "select id, seed, seated, created_at, created_by, undone_at from arrangements where exam = $1 order by id desc limit 20"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// Notes an arrangement.
pub async fn insert_arrangement(tx: &mut Tx, exam: i64, made: &Arrangement) -> Result<()> {
    sqlx::query(sql!("insert into arrangements (id, exam, seed, seated, created_at, created_by) values ($1, $2, $3, $4, $5, $6)"))
        .bind(made.id)
        .bind(exam)
        .bind(made.seed.clone())
        .bind(made.seated)
        .bind(made.created_at)
        .bind(made.created_by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes that the arrangement in force was undone.
pub async fn undo_arrangement(tx: &mut Tx, exam: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update arrangements set undone_at = $1 where exam = $2 and undone_at is null"))
        .bind(now.0)
        .bind(exam)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
