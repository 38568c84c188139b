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

/// The page nearest above a path: where a form stands whose own address somebody opens as if it were a page.
pub fn page_above<'a>(routes: &[Route], path: &'a str) -> &'a str {
    let mut above = path.trim_end_matches('/');
    while let Some((shorter, _)) = above.rsplit_once('/') {
        above = shorter;
        if routes.iter().any(|route| route.method == "GET" && fits(route.path, above)) {
            return above;
        }
    }
    "/"
}

/// Whether a path is one of a route's: a parameter stands for any one part.
fn fits(route: &str, path: &str) -> bool {
    let (mut of_route, mut of_path) = (route.split('/'), path.split('/'));
    loop {
        match (of_route.next(), of_path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || (part.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_a_form_is_its_page() {
        let page = || async {};
        let routes = Routes::new()
            .get("/register", Access::Public, page)
            .post("/register/phone/code", Access::Public, page)
            .get("/console/exams/{ref}", Access::Public, page)
            .post("/console/exams/{ref}/extend", Access::Public, page);
        assert_eq!(page_above(routes.list(), "/register/phone/code"), "/register");
        assert_eq!(page_above(routes.list(), "/console/exams/AB12/extend"), "/console/exams/AB12");
        assert_eq!(page_above(routes.list(), "/nothing/here"), "/");
    }
}
