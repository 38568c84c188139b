//! A browser without scripts: it drives the router itself, keeps cookies, sends forms as browsers send them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, header};
use axum_extra::extract::cookie::Cookie;
use tower::ServiceExt as _;

use super::page::Page;

/// No answer of ours is larger.
const MAX_ANSWER_BYTES: usize = 64 << 20;
const MAX_REDIRECTS: usize = 10;
const BOUNDARY: &str = "----a-boundary-that-no-test-sends";

/// One person's browser. Clones share the cookies.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    jar: Arc<Mutex<Vec<Cookie<'static>>>>,
    user_agent: String,
    address: SocketAddr,
    accept: &'static str,
    /// Other headers of every request.
    headers: Vec<(header::HeaderName, String)>,
}

impl Client {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            jar: Arc::default(),
            user_agent: "Mozilla/5.0 (Linux; Android 15; M2101K9C) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36".into(),
            address: SocketAddr::from(([127, 0, 0, 1], 40_000)),
            accept: "text/html",
            headers: Vec::new(),
        }
    }

    /// The same person, with one more header in every request: as browsers send them, not every test needs them.
    #[must_use]
    pub(crate) fn with_header(mut self, name: header::HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same person before another process of the same site.
    #[must_use]
    pub(crate) fn at(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// The same person with another browser name: `MicroMessenger` for WeChat.
    #[must_use]
    pub(crate) fn with_user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// From another address: throttles count by it.
    #[must_use]
    #[expect(clippy::wrong_self_convention, reason = "a test reads: a client from this address")]
    pub(crate) fn from_address(mut self, ip: &str) -> Self {
        self.address = SocketAddr::new(ip.parse().expect("an IP address"), 40_000);
        self
    }

    /// As our scripts ask: `Accept: application/json`.
    #[must_use]
    #[expect(clippy::wrong_self_convention, reason = "a test reads: a client as a script")]
    pub(crate) fn as_script(mut self) -> Self {
        self.accept = "application/json";
        self
    }

    /// GET, without following.
    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// GET, following redirects.
    pub(crate) async fn open(&self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// POST of a form without files.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&");
        self.send(Method::POST, path, "application/x-www-form-urlencoded", body.into_bytes()).await
    }

    /// POST of a JSON text, as another program sends it.
    pub(crate) async fn post_json(&self, path: &str, json: &str) -> Page {
        self.send(Method::POST, path, "application/json", json.as_bytes().to_vec()).await
    }

    /// POST of a multipart form: texts as (field, value), files as (field, file name, content).
    pub(crate) async fn upload(&self, path: &str, texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        let mut body = Vec::new();
        for (name, value) in texts {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, file, content) in files {
            body.extend(
                format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                     Content-Type: application/octet-stream\r\n\r\n"
                )
                .bytes(),
            );
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.send(Method::POST, path, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
    }

    /// Sends a form of a page as it stands there, with `fields` filled in: hidden fields, chosen options and ticked
    /// boxes go along. `form` is a part of the form's action.
    #[track_caller]
    pub(crate) fn submit<'a>(&'a self, page: &Page, form: &str, fields: &'a [(&'a str, &'a str)]) -> impl Future<Output = Page> + 'a {
        self.submit_files(page, form, fields, &[])
    }

    /// [`Client::submit`] with files.
    #[track_caller]
    pub(crate) fn submit_files<'a>(
        &'a self,
        page: &Page,
        form: &str,
        fields: &'a [(&'a str, &'a str)],
        files: &'a [(&'a str, &'a str, &'a [u8])],
    ) -> impl Future<Output = Page> + 'a {
        let form = page.form(form);
        async move {
            let kept = form.fields.iter().filter(|(name, _)| !fields.iter().any(|(given, _)| given == name));
            let all: Vec<(&str, &str)> = kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied()).collect();
            if form.is_multipart {
                self.upload(&form.action, &all, files).await
            } else if form.is_post {
                self.post(&form.action, &all).await
            } else {
                let query = all.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&");
                self.get(&format!("{}?{query}", form.action)).await
            }
        }
    }

    /// Goes where a redirect (or a script's `next`) leads; any other page is returned as it is.
    pub(crate) async fn follow(&self, page: Page) -> Page {
        let mut page = page;
        for _ in 0..MAX_REDIRECTS {
            match page.next_address() {
                Some(next) => page = self.get(&next).await,
                None => return page,
            }
        }
        panic!("more than {MAX_REDIRECTS} redirects, the last one at {}", page.path);
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar().iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// The line that carries its cookies, for requests to another process.
    pub(crate) fn cookie_line(&self) -> String {
        self.jar().iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>().join("; ")
    }

    /// Gives the browser a cookie.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let mut cookie = Cookie::new(name.to_owned(), value.to_owned());
        cookie.set_path("/");
        self.keep(cookie);
    }

    /// Loses all cookies.
    pub(crate) fn forget_cookies(&self) {
        self.jar().clear();
    }

    fn jar(&self) -> MutexGuard<'_, Vec<Cookie<'static>>> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, cookie: Cookie<'static>) {
        let mut jar = self.jar();
        jar.retain(|old| old.name() != cookie.name() || old.path() != cookie.path());
        let is_over = cookie.max_age().is_some_and(|age| age.whole_seconds() <= 0);
        if !is_over {
            jar.push(cookie);
        }
    }

    fn cookies_for(&self, path: &str) -> String {
        let fits = |cookie: &&Cookie<'static>| {
            let scope = cookie.path().unwrap_or("/").trim_end_matches('/');
            path.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        self.jar().iter().filter(fits).map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>().join("; ")
    }

    async fn send(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Page {
        assert!(path.starts_with('/'), "a path begins with a slash: {path}");
        let mut request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::ACCEPT, self.accept)
            // What a browser adds by itself for a page of the same site.
            .header("sec-fetch-site", "same-origin");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let cookies = self.cookies_for(path);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type).header(header::CONTENT_LENGTH, body.len());
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let answer = self.router.clone().oneshot(request).await.expect("the router is infallible");
        let status = answer.status().as_u16();
        let headers: HeaderMap = answer.headers().clone();
        for line in headers.get_all(header::SET_COOKIE) {
            let cookie = Cookie::parse(line.to_str().expect("a cookie is text").to_owned()).expect("a cookie");
            self.keep(cookie);
        }
        let bytes = axum::body::to_bytes(answer.into_body(), MAX_ANSWER_BYTES).await.expect("the whole answer");
        Page { request: format!("{method} {path}"), path: path.to_owned(), status, headers, bytes: bytes.to_vec() }
    }
}

/// Encodes a name or value of a form.
fn encode(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*');
    text.bytes()
        .map(|b| match b {
            b' ' => "+".to_owned(),
            b if keep(b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}
