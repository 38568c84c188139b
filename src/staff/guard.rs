//! The signed-in staff member of a request, and what they may do for which exam.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

use super::held::Shown;
use super::{Grant, store};
use crate::app::App;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::types::{Permissions, Scope};
use crate::web::client::Client;
use crate::web::layout::{ConsolePage, QueueCounts};
use crate::web::session::{self, Kind};

/// A signed-in staff member. As a handler's argument it sends everyone else to the console's door.
///
/// Actions begin by asking: `staff.require_in(exam.id, Permission::Seating)?` for what belongs to an exam, `staff.require(…)` for what belongs to none,
/// `staff.require_somewhere(…)` for a list, which then shows only what is in `staff.scope(…)`. Where several permissions will do, an array is given.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Row id.
    pub id: i64,
    /// This session.
    pub session: i64,
    /// Name.
    pub name: String,
    grants: Vec<Grant>,
    /// Where they sit.
    pub address: String,
    counts: QueueCounts,
    held: Option<Shown>,
}

fn or_forbidden(may: bool) -> Result<()> {
    if may { Ok(()) } else { Err(Error::Forbidden) }
}

impl Staff {
    /// Refuses without one of these permissions for every exam: for what belongs to no exam.
    pub fn require(&self, any: impl Into<Permissions>) -> Result<()> {
        or_forbidden(self.may(any))
    }

    /// Refuses without one of these permissions for this exam.
    pub fn require_in(&self, exam: i64, any: impl Into<Permissions>) -> Result<()> {
        or_forbidden(self.may_in(exam, any))
    }

    /// Refuses without one of these permissions for one of the exams: for what belongs to a candidate. Who holds it for every exam needs none.
    pub fn require_in_one(&self, exams: &[i64], any: impl Into<Permissions>) -> Result<()> {
        let any = any.into();
        or_forbidden(self.may(any) || exams.iter().any(|exam| self.may_in(*exam, any)))
    }

    /// Refuses without one of these permissions for at least one exam: for a list, which shows no more than [`Staff::scope`].
    pub fn require_somewhere(&self, any: impl Into<Permissions>) -> Result<()> {
        or_forbidden(self.may_somewhere(any))
    }

    /// Whether they hold one of these for every exam.
    pub fn may(&self, any: impl Into<Permissions>) -> bool {
        let any = any.into();
        self.grants.iter().any(|grant| grant.exam.is_none() && grant.permissions.has(any))
    }

    /// Whether they hold one of these for this exam.
    pub fn may_in(&self, exam: i64, any: impl Into<Permissions>) -> bool {
        self.scope(any).has(exam)
    }

    /// Whether they hold one of these for at least one exam.
    pub fn may_somewhere(&self, any: impl Into<Permissions>) -> bool {
        self.anywhere().has(any)
    }

    /// The exams for which they hold one of these.
    pub fn scope(&self, any: impl Into<Permissions>) -> Scope {
        let any = any.into();
        if self.may(any) {
            return Scope::All;
        }
        Scope::Exams(self.grants.iter().filter(|grant| grant.permissions.has(any)).filter_map(|grant| grant.exam).collect())
    }

    /// Everything that they hold for at least one exam.
    pub fn anywhere(&self) -> Permissions {
        self.grants.iter().fold(Permissions::default(), |all, grant| all.with(grant.permissions))
    }

    /// Everything that they hold for every exam.
    fn everywhere(&self) -> Permissions {
        let all = self.grants.iter().filter(|grant| grant.exam.is_none());
        all.fold(Permissions::default(), |all, grant| all.with(grant.permissions))
    }

    /// For history and audit.
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.id, name: self.name.clone(), address: self.address.clone() }
    }

    /// The frame of a console page with this section lit.
    pub fn page(&self, app: &App, client: &Client, section: &'static str) -> ConsolePage {
        let settings = app.settings();
        ConsolePage::new(settings.school(), self.name.clone(), section)
            .looks(settings.brand_url(), settings.logo_url())
            .may(self.anywhere(), self.everywhere())
            .counts(self.counts)
            .demo(app.config.demo)
            .closed(settings.service.maintenance)
            .flash(client.flash.clone())
            .held(self.held.as_ref().map(|held| (held.words, held.seconds)))
    }
}

impl Staff {
    /// By row id, for work that goes on after their request; `None` once the account is closed. Their permissions are as they are now.
    pub async fn of(app: &App, id: i64, address: &str) -> Result<Option<Self>> {
        let mut conn = app.db.read().await?;
        let Some(row) = store::find(&mut conn, id).await?.filter(|row| row.disabled_at.is_none()) else { return Ok(None) };
        let grants = store::grants(&mut conn, id).await?.iter().map(store::Held::grant).collect();
        let counts = QueueCounts::default();
        Ok(Some(Self { id, session: 0, name: row.name, grants, address: address.to_owned(), counts, held: None }))
    }

    /// Whoever is signed in, and whether they still owe a second factor that one of their roles asks for.
    async fn find(parts: &mut Parts, app: &App) -> Result<(Self, bool)> {
        let jar = CookieJar::from_headers(&parts.headers);
        let session = session::find(app, Kind::Staff, &jar).await?.ok_or(Error::StaffSignIn)?;
        let mut conn = app.db.read().await?;
        let row = store::find(&mut conn, session.owner).await?.filter(|row| row.disabled_at.is_none());
        let row = row.ok_or(Error::StaffSignIn)?;
        let held = store::grants(&mut conn, row.id).await?;
        drop(conn);
        let owes = session.second_factor == 0 && held.iter().any(|held| held.second_factor != 0);
        let grants = held.iter().map(store::Held::grant).collect();
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let staff = Self {
            id: row.id,
            session: session.id,
            name: row.name,
            grants,
            address: client.address,
            counts: parts.extensions.get().copied().unwrap_or_default(),
            held: parts.extensions.get().cloned(),
        };
        Ok((staff, owes))
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (staff, owes) = Self::find(parts, app).await?;
        if owes { Err(Error::SecondFactor) } else { Ok(staff) }
    }
}

/// A staff member at their own account, which they also reach while they owe a second factor: it is set up there.
#[derive(Clone, Debug)]
pub struct Own(pub Staff);

impl Own {
    /// Their row.
    pub async fn row(&self, app: &App) -> Result<store::StaffRow> {
        store::find(&mut *app.db.read().await?, self.0.id).await?.ok_or(Error::StaffSignIn)
    }

    /// Whether one of their roles asks for a second factor.
    pub async fn needs_second(&self, app: &App) -> Result<bool> {
        Ok(store::grants(&mut *app.db.read().await?, self.0.id).await?.iter().any(|held| held.second_factor != 0))
    }
}

impl FromRequestParts<App> for Own {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(Staff::find(parts, app).await?.0))
    }
}
