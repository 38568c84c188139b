//! The signed-in staff member of a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

use super::{Permission, Role, store};
use crate::app::App;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::web::client::Client;
use crate::web::layout::{ConsolePage, QueueCounts};
use crate::web::session::{self, Kind};

/// A signed-in staff member. As a handler's argument it sends everyone else to the console's door.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Row id.
    pub id: i64,
    /// This session.
    pub session: i64,
    /// Name.
    pub name: String,
    roles: Vec<Role>,
    address: String,
    counts: QueueCounts,
}

impl Staff {
    /// Refuses without the permission. Every action begins with it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Refuses a look without the permission to work there or the one to look at everything.
    pub fn require_look(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { self.require(Permission::Look) }
    }

    /// For pages: whether to offer it.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.may(permission))
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
            .counts(self.counts)
            .demo(app.config.demo)
            .flash(client.flash.clone())
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let jar = CookieJar::from_headers(&parts.headers);
        let session = session::find(app, Kind::Staff, &jar).await?.ok_or(Error::StaffSignIn)?;
        let row = store::find(&mut *app.db.read().await?, session.owner).await?.filter(|row| row.disabled_at.is_none());
        let row = row.ok_or(Error::StaffSignIn)?;
        let Ok(client) = Client::from_request_parts(parts, app).await;
        Ok(Self {
            id: row.id,
            session: session.id,
            name: row.name,
            roles: row.roles.split(',').filter_map(Role::parse).collect(),
            address: client.address,
            counts: parts.extensions.get().copied().unwrap_or_default(),
        })
    }
}
