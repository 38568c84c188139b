//! Who asks: address (through trusted proxies only), scheme, user agent, what kind of answer the request wants, and the flash sentence.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;

/// The cookie that carries one sentence to the next page.
pub const FLASH_COOKIE: &str = "baokao_flash";
const MAX_FLASH_BYTES: usize = 600;
const MAX_USER_AGENT_CHARS: usize = 200;

/// The asker of one request.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address, as text.
    pub address: String,
    /// Whether the connection is encrypted as far as the person's browser.
    pub https: bool,
    /// Cut to 200 characters.
    pub user_agent: String,
    /// A script asks (`Accept: application/json`): answer with JSON instead of a page.
    pub wants_json: bool,
    /// The sentence left by the request before.
    pub flash: Option<String>,
}

impl Client {
    /// WeChat's own browser, in which the camera and downloads do not work.
    pub fn is_wechat(&self) -> bool {
        self.user_agent.contains("MicroMessenger")
    }

    /// Sends the person on: 303, or `{"next": url}` for a script.
    pub fn go(&self, url: &str) -> Response {
        if self.wants_json { Json(serde_json::json!({ "next": url })).into_response() } else { Redirect::to(url).into_response() }
    }

    /// [`Client::go`] with a sentence for the next page.
    pub fn go_saying(&self, url: &str, sentence: &str) -> Response {
        let cookie = Cookie::build((FLASH_COOKIE, URL_SAFE_NO_PAD.encode(sentence)))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.https)
            .build();
        (CookieJar::new().add(cookie), self.go(url)).into_response()
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
        Ok(read(&parts.headers, peer.to_canonical(), &app.config.trusted_proxies, app.config.is_https()))
    }
}

fn read(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr], https: bool) -> Client {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let forwarded = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).filter(|_| trusted.contains(&peer));
    // The last address that is not one of our proxies is the one that they saw; everything before it can be made up.
    let address = forwarded("x-forwarded-for")
        .and_then(|chain| chain.rsplit(',').filter_map(|a| a.trim().parse::<IpAddr>().ok()).find(|a| !trusted.contains(a)))
        .unwrap_or(peer);
    let flash = CookieJar::from_headers(headers).get(FLASH_COOKIE).and_then(|cookie| {
        let bytes = URL_SAFE_NO_PAD.decode(cookie.value()).ok().filter(|bytes| bytes.len() <= MAX_FLASH_BYTES)?;
        String::from_utf8(bytes).ok()
    });
    Client {
        address: address.to_string(),
        https: forwarded("x-forwarded-proto").map_or(https, |proto| proto == "https"),
        user_agent: text(header::USER_AGENT).chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect(),
        wants_json: text(header::ACCEPT).starts_with("application/json"),
        flash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), header::HeaderValue::from_static(value))).collect()
    }

    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

    #[test]
    fn forwarded_headers_count_only_from_a_trusted_proxy() {
        let sent = headers(&[("x-forwarded-for", "198.51.100.7, 203.0.113.5"), ("x-forwarded-proto", "https")]);
        let through_proxy = read(&sent, PROXY, &[PROXY], false);
        assert_eq!((through_proxy.address.as_str(), through_proxy.https), ("203.0.113.5", true));
        let direct = read(&sent, STRANGER, &[PROXY], false);
        assert_eq!((direct.address.as_str(), direct.https), ("203.0.113.9", false));
    }

    #[test]
    fn wechat_is_known_by_its_user_agent() {
        assert!(read(&headers(&[("user-agent", "Mozilla/5.0 MicroMessenger/8.0")]), STRANGER, &[], false).is_wechat());
        assert!(!read(&headers(&[]), STRANGER, &[], false).is_wechat());
    }
}
