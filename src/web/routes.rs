//! Routes with who may use them. Every route of the program is made here, so that the list of them is complete: `tests/it/matrix.rs` walks it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::types::Access;

/// One route as it was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// With its parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// Routes of a feature.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    list: Vec<Route>,
}

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.add("GET", path, access, get(handler))
    }

    /// A form without files.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.add("POST", path, access, post(handler))
    }

    /// A form of at most `max` bytes.
    #[must_use]
    pub fn upload<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, max: usize, handler: H) -> Self {
        self.add("POST", path, access, post(handler).layer(DefaultBodyLimit::max(max)))
    }

    fn add(mut self, method: &'static str, path: &'static str, access: Access, handler: MethodRouter<App>) -> Self {
        self.router = self.router.route(path, handler);
        self.list.push(Route { method, path, access });
        self
    }

    /// These and those.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }

    /// Puts layers around the routes so far.
    #[must_use]
    pub fn layered(mut self, layers: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = layers(self.router);
        self
    }

    /// What was declared.
    pub fn list(&self) -> &[Route] {
        &self.list
    }

    /// For the program.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
