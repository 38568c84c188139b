//! Rooms, seats and the release of tickets (考场编排).
//!
//! The arrangement is a pure function of the rooms, the papers, the candidates and a seed: the same input gives the same seats, so that an arrangement can be
//! shown to be what chance made of it. The order is that of SHA-256(seed ‖ registration number); candidates of one major are then kept apart where the
//! order allows it, without looking further ahead than [`LOOK_AHEAD`].

pub mod actions;
pub mod console;
pub mod store;

use std::collections::VecDeque;

use crate::crypto::sha256;

/// Most seats across, and deep.
pub const MAX_SIDE: i64 = 20;
/// Most seats of a room: the ticket number has two digits for the seat.
pub const MAX_ROOM_SEATS: i64 = 99;
/// Most rooms of an exam: three digits.
pub const MAX_ROOMS: usize = 999;
/// Most sites of an exam: two digits.
pub const MAX_SITES: usize = 99;
/// Longest seed, in characters.
pub const MAX_SEED_CHARS: usize = 64;
/// How many candidates ahead somebody of another major is looked for.
pub const LOOK_AHEAD: usize = 200;

/// A room as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Room {
    pub id: i64,
    pub exam: i64,
    pub site: String,
    pub address: String,
    pub name: String,
    pub seat_columns: i64,
    pub seat_rows: i64,
    pub position: i64,
}

impl Room {
    /// How many seats it has.
    pub fn seats(&self) -> i64 {
        self.seat_columns * self.seat_rows
    }
}

/// Where a seat stands: seat 1 is at the front of the first column, numbers go to the back, and come forward in the next column (S 形).
/// Column and row count from 0.
pub fn spot(seat: i64, rows: i64) -> (i64, i64) {
    let (column, step) = ((seat - 1) / rows, (seat - 1) % rows);
    (column, if column % 2 == 0 { step } else { rows - 1 - step })
}

/// The seat at a column and row: the reverse of [`spot`].
pub fn seat_at(column: i64, row: i64, rows: i64) -> i64 {
    column * rows + 1 + if column % 2 == 0 { row } else { rows - 1 - row }
}

/// The seats with smaller numbers that touch a seat: the one before it and the one beside it in the column before.
fn earlier_neighbours(seat: i64, rows: i64) -> impl Iterator<Item = i64> {
    let (column, row) = spot(seat, rows);
    let before = (seat > 1).then(|| seat - 1);
    let beside = (column > 0).then(|| seat_at(column - 1, row, rows));
    before.into_iter().chain(beside)
}

/// Somebody to be seated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Row id of the registration.
    pub registration: i64,
    /// Registration number: what chance is drawn from.
    pub reference: String,
    /// Major; "" is unlike any other.
    pub major: String,
}

/// One subject and who sits it.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Row id of the subject.
    pub subject: i64,
    /// Its number on the ticket: its code.
    pub number: i64,
    /// When it begins, Unix milliseconds.
    pub starts_at: i64,
    /// When it ends.
    pub ends_at: i64,
    /// Who sits it.
    pub people: Vec<Person>,
}

/// A seat that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Seat {
    pub registration: i64,
    pub subject: i64,
    pub room: i64,
    pub seat: i64,
    pub ticket_number: String,
}

/// How many seats are missing, by the row id of the subject.
pub type Shortage = Vec<(i64, i64)>;

/// Number of a room on tickets and doors: its place in the list, from 1. `rooms` are all rooms of the exam, by position.
pub fn room_number(rooms: &[Room], room: i64) -> i64 {
    rooms.iter().position(|r| r.id == room).map_or(0, |at| at as i64 + 1)
}

fn sites(rooms: &[Room]) -> Vec<&str> {
    let mut sites: Vec<&str> = Vec::new();
    for room in rooms {
        if !sites.contains(&room.site.as_str()) {
            sites.push(&room.site);
        }
    }
    sites
}

/// How many sites there are.
pub fn site_count(rooms: &[Room]) -> usize {
    sites(rooms).len()
}

/// Number of a site on tickets: the order in which sites appear in the list, from 1.
pub fn site_number(rooms: &[Room], site: &str) -> i64 {
    sites(rooms).iter().position(|s| *s == site).map_or(0, |at| at as i64 + 1)
}

/// 12 digits: prefix 3 (year, batch), site 2, subject 2, room 3, seat 2. Never digits of an ID number.
pub fn ticket_number(prefix: &str, site: i64, subject: i64, room: i64, seat: i64) -> String {
    format!("{prefix}{site:02}{subject:02}{room:03}{seat:02}")
}

/// Whether a prefix makes 12 digits.
pub fn is_prefix(prefix: &str) -> bool {
    prefix.len() == 3 && prefix.bytes().all(|b| b.is_ascii_digit())
}

/// The order that the seed makes of people; it does not depend on the order in which they are given.
pub fn draw(seed: &str, people: &mut [Person]) {
    people.sort_by_cached_key(|person| (sha256(format!("{seed}\0{}", person.reference).as_bytes()), person.registration));
}

/// Seats everybody, or nobody. Each paper begins in a room of its own; a room serves a second paper only at another time.
pub fn arrange(prefix: &str, seed: &str, rooms: &[Room], mut papers: Vec<Paper>) -> Result<Vec<Seat>, Shortage> {
    papers.sort_by_key(|paper| (paper.starts_at, paper.number));
    let mut used: Vec<Vec<(i64, i64)>> = vec![Vec::new(); rooms.len()];
    let (mut seats, mut missing) = (Vec::new(), Shortage::new());
    for mut paper in papers {
        draw(seed, &mut paper.people);
        let mut queue: VecDeque<Person> = paper.people.into();
        for (room, used) in rooms.iter().zip(&mut used) {
            let is_taken = used.iter().any(|(start, end)| paper.starts_at < *end && *start < paper.ends_at);
            if queue.is_empty() || is_taken || room.seats() == 0 {
                continue;
            }
            used.push((paper.starts_at, paper.ends_at));
            let (site, number) = (site_number(rooms, &room.site), room_number(rooms, room.id));
            for (seat, person) in (1..).zip(fill(&mut queue, room)) {
                let ticket_number = ticket_number(prefix, site, paper.number, number, seat);
                seats.push(Seat { registration: person.registration, subject: paper.subject, room: room.id, seat, ticket_number });
            }
        }
        if !queue.is_empty() {
            missing.push((paper.subject, queue.len() as i64));
        }
    }
    if missing.is_empty() { Ok(seats) } else { Err(missing) }
}

/// Takes as many people as the room holds, seat 1 first, each unlike the neighbours where somebody such is near in the queue.
fn fill(queue: &mut VecDeque<Person>, room: &Room) -> Vec<Person> {
    let mut seated: Vec<Person> = Vec::new();
    for seat in 1..=room.seats() {
        let clashes = |person: &Person| {
            !person.major.is_empty()
                && earlier_neighbours(seat, room.seat_rows).any(|other| seated[other as usize - 1].major == person.major)
        };
        let unlike = queue.iter().take(LOOK_AHEAD).position(|person| !clashes(person));
        match queue.remove(unlike.unwrap_or(0)) {
            Some(person) => seated.push(person),
            None => break,
        }
    }
    seated
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;

    fn room(id: i64, site: &str, columns: i64, rows: i64) -> Room {
        let name = format!("A{id}");
        Room { id, exam: 1, site: site.into(), address: String::new(), name, seat_columns: columns, seat_rows: rows, position: id }
    }

    fn people(first: i64, count: i64, majors: i64) -> Vec<Person> {
        let person = |i: i64| Person { registration: first + i, reference: format!("R{}", first + i), major: format!("m{}", i % majors) };
        (0..count).map(person).collect()
    }

    fn paper(subject: i64, starts_at: i64, people: Vec<Person>) -> Paper {
        Paper { subject, number: subject, starts_at, ends_at: starts_at + 120, people }
    }

    #[test]
    fn numbers_run_in_an_s() {
        let spots: Vec<_> = (1..=6).map(|seat| spot(seat, 3)).collect();
        assert_eq!(spots, [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]);
        assert_eq!(earlier_neighbours(5, 3).collect::<Vec<_>>(), [4, 2]);
    }

    #[test]
    fn ticket_numbers_have_twelve_digits() {
        assert_eq!(ticket_number("261", 1, 2, 3, 7), "261010200307");
        assert!(is_prefix("261") && !is_prefix("26") && !is_prefix("26a"));
    }

    #[test]
    fn seats_that_are_missing_are_counted_and_nobody_is_seated() {
        let rooms = [room(1, "南", 2, 5)];
        let both = vec![paper(1, 0, people(0, 8, 3)), paper(2, 60, people(100, 4, 3))];
        assert_eq!(arrange("261", "s", &rooms, both), Err(vec![(2, 4)]));
        assert_eq!(arrange("261", "s", &rooms, vec![paper(1, 0, people(0, 13, 3))]), Err(vec![(1, 3)]));
    }

    #[test]
    fn a_room_serves_two_papers_only_one_after_the_other() {
        let rooms = [room(1, "南", 2, 5), room(2, "北", 2, 5)];
        let seats = arrange("261", "s", &rooms, vec![paper(1, 0, people(0, 5, 3)), paper(2, 60, people(100, 5, 3))]).expect("enough");
        assert_eq!(seats.iter().filter(|s| s.subject == 2).map(|s| s.room).collect::<HashSet<_>>(), HashSet::from([2]));
        assert!(seats.iter().filter(|s| s.subject == 2).all(|s| s.ticket_number.starts_with("2610202002")));
        let later = arrange("261", "s", &rooms, vec![paper(1, 0, people(0, 5, 3)), paper(2, 120, people(100, 5, 3))]).expect("enough");
        assert!(later.iter().all(|s| s.room == 1));
    }

    #[test]
    fn another_seed_gives_another_order() {
        let rooms = [room(1, "南", 5, 6)];
        let with = |seed: &str| arrange("261", seed, &rooms, vec![paper(1, 0, people(0, 30, 1))]).expect("enough");
        assert_ne!(with("a"), with("b"));
    }

    fn clashes(seats: &[Seat], rooms: &[Room], majors: &HashMap<i64, String>) -> usize {
        let at: HashMap<(i64, i64), &str> = seats.iter().map(|s| ((s.room, s.seat), majors[&s.registration].as_str())).collect();
        let rows = |id: i64| rooms.iter().find(|r| r.id == id).expect("a room").seat_rows;
        seats.iter().map(|s| earlier_neighbours(s.seat, rows(s.room)).filter(|n| at[&(s.room, *n)] == at[&(s.room, s.seat)]).count()).sum()
    }

    #[test]
    fn four_equal_majors_never_touch() {
        let rooms = [room(1, "南", 5, 6), room(2, "南", 5, 6), room(3, "南", 5, 6), room(4, "南", 5, 6)];
        let everybody = people(0, 100, 4);
        let majors = everybody.iter().map(|p| (p.registration, p.major.clone())).collect();
        let seats = arrange("261", "seed", &rooms, vec![paper(1, 0, everybody)]).expect("enough");
        // The last few may have nobody else left to choose from; the rest never touch.
        assert!(clashes(&seats, &rooms, &majors) <= 2, "{} neighbours share a major", clashes(&seats, &rooms, &majors));
    }

    proptest! {
        #[test]
        fn every_seat_of_a_room_has_one_number(columns in 1i64..=20, rows in 1i64..=20) {
            let mut seen = HashSet::new();
            for seat in 1..=columns * rows {
                let (column, row) = spot(seat, rows);
                prop_assert!((0..columns).contains(&column) && (0..rows).contains(&row));
                prop_assert!(seen.insert((column, row)));
                prop_assert_eq!(seat_at(column, row, rows), seat);
                if seat > 1 {
                    let (c, r) = spot(seat - 1, rows);
                    prop_assert_eq!((c - column).abs() + (r - row).abs(), 1, "consecutive numbers touch");
                }
            }
        }

        #[test]
        fn everybody_sits_once_and_no_seat_is_given_twice(
            sizes in prop::collection::vec((1i64..=6, 1i64..=6), 1..8),
            counts in prop::collection::vec((0i64..40, 0i64..3), 1..4),
            majors in 1i64..5,
            seed in "[a-z0-9]{1,12}",
            turn in 0usize..100,
        ) {
            let rooms: Vec<Room> = (1..).zip(&sizes).map(|(id, (c, r))| room(id, if id % 2 == 0 { "北" } else { "南" }, *c, *r)).collect();
            let papers: Vec<Paper> =
                (1..).zip(&counts).map(|(subject, (count, slot))| paper(subject, slot * 120, people(subject * 1000, *count, majors))).collect();
            let all: HashSet<i64> = papers.iter().flat_map(|p| &p.people).map(|p| p.registration).collect();
            // The same people in another order are the same input.
            let mut turned = papers.clone();
            for paper in &mut turned {
                let by = turn % paper.people.len().max(1);
                paper.people.rotate_left(by);
            }
            turned.reverse();
            let made = arrange("261", &seed, &rooms, papers.clone());
            prop_assert_eq!(&made, &arrange("261", &seed, &rooms, turned));
            let Ok(seats) = made else { return Ok(()) };
            prop_assert_eq!(seats.iter().map(|s| s.registration).collect::<HashSet<_>>(), all.clone());
            prop_assert_eq!(seats.len(), all.len());
            prop_assert_eq!(seats.iter().map(|s| (s.subject, s.room, s.seat)).collect::<HashSet<_>>().len(), all.len());
            prop_assert_eq!(seats.iter().map(|s| s.ticket_number.clone()).collect::<HashSet<_>>().len(), all.len());
            for seat in &seats {
                prop_assert!(seat.ticket_number.len() == 12 && seat.ticket_number.bytes().all(|b| b.is_ascii_digit()));
                let room = rooms.iter().find(|r| r.id == seat.room).expect("a room of the list");
                prop_assert!((1..=room.seats()).contains(&seat.seat));
            }
            // Two papers at one time never share a room.
            for a in &papers {
                for b in &papers {
                    if a.subject < b.subject && a.starts_at < b.ends_at && b.starts_at < a.ends_at {
                        let rooms_of = |s: i64| seats.iter().filter(|x| x.subject == s).map(|x| x.room).collect::<HashSet<_>>();
                        prop_assert!(rooms_of(a.subject).is_disjoint(&rooms_of(b.subject)));
                    }
                }
            }
        }
    }
}
