//! The signed-in candidate of a request.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

use super::store::{self, Account};
use crate::app::App;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::web::client::Client;
use crate::web::intake::Sender;
use crate::web::layout::Page;
use crate::web::session::{self, Kind};

/// A signed-in candidate. As a handler's argument it sends everyone else to `/login`; as `Option<Candidate>` it does not.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The account, as it is now.
    pub account: Account,
    /// This session.
    pub session: i64,
    /// Client address.
    pub address: String,
    unread: i64,
}

impl Candidate {
    /// Row id of the account.
    pub fn id(&self) -> i64 {
        self.account.id
    }

    /// For history and audit.
    pub fn actor(&self) -> Actor {
        Actor::Candidate { id: self.account.id, address: self.address.clone() }
    }

    /// The frame of a page for somebody who is signed in.
    pub fn page(&self, app: &App, client: &Client) -> Page {
        crate::web::page(app, client).signed_in(true).unread(self.unread)
    }
}

async fn find(parts: &mut Parts, app: &App) -> Result<Option<Candidate>> {
    let jar = CookieJar::from_headers(&parts.headers);
    let Some(session) = session::find(app, Kind::Candidate, &jar).await? else { return Ok(None) };
    let mut conn = app.db.read().await?;
    let Some(account) = store::find(&mut conn, session.owner).await? else { return Ok(None) };
    let unread = store::messages::unread(&mut conn, account.id).await?;
    let Ok(client) = Client::from_request_parts(parts, app).await;
    parts.extensions.insert(Sender(account.id));
    Ok(Some(Candidate { account, session: session.id, address: client.address, unread }))
}

impl FromRequestParts<App> for Candidate {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        find(parts, app).await?.ok_or(Error::SignIn)
    }
}

impl OptionalFromRequestParts<App> for Candidate {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>> {
        find(parts, app).await
    }
}
