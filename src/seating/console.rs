//! Staff routes: rooms, arrangement, release.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Hall, Load, RoomForm};
use super::store::{Arrangement, RoomLoad};
use super::{Room, room_number};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::Exam;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console/seating…`
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/seating", Access::somewhere(Permission::Seating.or_look()), choose)
        .get("/console/seating/{exam}", Access::exam(Permission::Seating.or_look()), hall)
        .post("/console/seating/{exam}/rooms", Access::exam(Permission::Seating), add_room)
        .post("/console/seating/{exam}/rooms/remove", Access::exam(Permission::Seating), remove_room)
        .post("/console/seating/{exam}/arrange", Access::exam(Permission::Seating), arrange)
        .post("/console/seating/{exam}/undo", Access::exam(Permission::Seating), undo)
        .get("/console/seating/{exam}/table", Access::exam(Permission::Seating.or_look()), table)
        .get("/console/seating/{exam}/release", Access::exam(Permission::Seating), confirm)
        .post("/console/seating/{exam}/release", Access::exam(Permission::Seating), release)
}

#[derive(Template)]
#[template(path = "seating/pages/choose.html")]
struct ChoosePage {
    page: ConsolePage,
    exams: Vec<Exam>,
}

async fn choose(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    let exams = actions::exams(&app, &staff).await?;
    web::html(&ChoosePage { page: staff.page(&app, &client, "seating"), exams })
}

#[derive(Template)]
#[template(path = "seating/pages/hall.html")]
struct HallPage {
    page: ConsolePage,
    /// Whether the person may arrange, and not only look.
    may_work: bool,
    hall: Hall,
    form: RoomForm,
    seed: String,
    problems: Problems,
    now: UnixMs,
}

impl HallPage {
    fn base(&self) -> String {
        format!("/console/seating/{}", self.hall.exam.public_ref)
    }

    fn is_arranged(&self) -> bool {
        self.hall.seated() > 0
    }

    fn may_change(&self) -> bool {
        self.may_work && !self.is_arranged() && !self.hall.is_released()
    }

    fn may_release(&self) -> bool {
        self.may_work && self.is_arranged() && !self.hall.is_released()
    }

    /// Registration or changes still go on: who is seated now can change nothing any more.
    fn is_early(&self) -> bool {
        self.hall.exam.require_editable(self.now).is_ok() || self.hall.exam.require_open(self.now).is_ok()
    }

    fn edit_words(&self) -> String {
        UnixMs(self.hall.exam.edit_until.max(self.hall.exam.closes_at)).words()
    }

    fn when(&self, load: &Load) -> String {
        UnixMs(load.subject.starts_at).words()
    }

    fn made(&self, arrangement: &Arrangement) -> String {
        UnixMs(arrangement.created_at).words()
    }

    fn numbered(&self) -> impl Iterator<Item = (i64, &Room)> {
        (1..).zip(&self.hall.rooms)
    }
}

async fn hall_page(
    app: &App,
    staff: &Staff,
    client: &Client,
    exam: &str,
    form: RoomForm,
    seed: String,
    problems: Problems,
) -> Result<HallPage> {
    let hall = actions::hall(app, staff, exam).await?;
    Ok(HallPage {
        page: staff.page(app, client, "seating"),
        may_work: staff.may_in(hall.exam.id, Permission::Seating),
        hall,
        form,
        seed,
        problems,
        now: app.clock.now(),
    })
}

async fn hall(State(app): State<App>, staff: Staff, client: Client, Path(exam): Path<String>) -> Result<Response> {
    let mut page = hall_page(&app, &staff, &client, &exam, RoomForm::default(), String::new(), Problems::new()).await?;
    // Most rooms of a site are alike: the next one starts from the last.
    page.form = match page.hall.rooms.last() {
        Some(last) => RoomForm {
            site: last.site.clone(),
            address: last.address.clone(),
            name: String::new(),
            columns: last.seat_columns.to_string(),
            rows: last.seat_rows.to_string(),
        },
        None => RoomForm { columns: "5".into(), rows: "6".into(), ..RoomForm::default() },
    };
    web::html(&page)
}

async fn add_room(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(exam): Path<String>,
    Form(form): Form<RoomForm>,
) -> Result<Response> {
    match actions::add_room(&app, &staff, &exam, &form).await {
        Ok(()) => Ok(client.go_saying(&format!("/console/seating/{exam}"), "考场已添加。")),
        Err(Error::Invalid(problems)) => web::html_invalid(&hall_page(&app, &staff, &client, &exam, form, String::new(), problems).await?),
        Err(other) => Err(other),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    position: i64,
}

async fn remove_room(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(exam): Path<String>,
    Form(place): Form<Place>,
) -> Result<Response> {
    actions::remove_room(&app, &staff, &exam, place.position).await?;
    Ok(client.go_saying(&format!("/console/seating/{exam}"), "考场已删除。"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seed {
    seed: String,
}

async fn arrange(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(exam): Path<String>,
    Form(form): Form<Seed>,
) -> Result<Response> {
    match actions::arrange(&app, &staff, &exam, &form.seed).await {
        Ok((seated, seed)) => {
            Ok(client.go_saying(&format!("/console/seating/{exam}"), &format!("已为 {seated} 名考生编排座位，随机种子 {seed}。")))
        }
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&hall_page(&app, &staff, &client, &exam, RoomForm::default(), form.seed, problems).await?)
        }
        Err(other) => Err(other),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sure {
    sure: String,
}

async fn undo(State(app): State<App>, staff: Staff, client: Client, Path(exam): Path<String>, Form(form): Form<Sure>) -> Result<Response> {
    match actions::undo(&app, &staff, &exam, form.sure == "yes").await {
        Ok(count) => Ok(client.go_saying(&format!("/console/seating/{exam}"), &format!("已取消 {count} 名考生的座位。"))),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&hall_page(&app, &staff, &client, &exam, RoomForm::default(), String::new(), problems).await?)
        }
        Err(other) => Err(other),
    }
}

/// A line of 考场对照.
struct TableRow<'a> {
    number: i64,
    room: &'a Room,
    subject: &'a str,
    starts_at: i64,
    when: String,
    load: &'a RoomLoad,
}

#[derive(Template)]
#[template(path = "seating/pages/table.html")]
struct TablePage<'a> {
    page: ConsolePage,
    exam: &'a Exam,
    rows: Vec<TableRow<'a>>,
}

async fn table(State(app): State<App>, staff: Staff, client: Client, Path(exam): Path<String>) -> Result<Response> {
    let (hall, loads) = actions::table(&app, &staff, &exam).await?;
    let mut rows: Vec<TableRow> = loads
        .iter()
        .filter_map(|load| {
            let room = hall.rooms.iter().find(|room| room.id == load.room)?;
            let subject = &hall.loads.iter().find(|l| l.subject.id == load.subject)?.subject;
            let when = UnixMs(subject.starts_at).words();
            Some(TableRow {
                number: room_number(&hall.rooms, room.id),
                room,
                subject: &subject.name,
                starts_at: subject.starts_at,
                when,
                load,
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.starts_at, row.subject, row.number));
    web::html(&TablePage { page: staff.page(&app, &client, "seating"), exam: &hall.exam, rows })
}

#[derive(Template)]
#[template(path = "seating/pages/release.html")]
struct ReleasePage {
    page: ConsolePage,
    hall: Hall,
}

async fn confirm(State(app): State<App>, staff: Staff, client: Client, Path(exam): Path<String>) -> Result<Response> {
    let hall = actions::hall(&app, &staff, &exam).await?;
    staff.require_in(hall.exam.id, Permission::Seating)?;
    web::html(&ReleasePage { page: staff.page(&app, &client, "seating"), hall })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Confirmed {
    count: i64,
}

async fn release(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(exam): Path<String>,
    Form(form): Form<Confirmed>,
) -> Result<Response> {
    let count = actions::release(&app, &staff, &exam, form.count).await?;
    Ok(client.go_saying(&format!("/console/seating/{exam}"), &format!("已向 {count} 名考生发布准考证。")))
}
