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
use crate::crypto::hex;

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

/// Whether a path that a form brought back is one of ours to go on to: it must not lead to another site.
pub fn is_safe_next(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 200
        && !path.contains('\\')
        && path.bytes().all(|b| b.is_ascii_graphic())
        && !path.starts_with("/login")
        && !path.starts_with("/console/login")
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
        Ok(read(&parts.headers, peer.to_canonical(), &app.config.trusted_proxies, app.config.is_https()))
    }
}

/// What limits count an address under, without naming it: an IPv4 address, or the /64 of an IPv6 address, of which a single line may have all 2^64.
pub fn throttle_key(app: &App, address: &str) -> String {
    hex(&app.keys.lookup("throttle.address", &network(address)))
}

fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => std::net::Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).to_string(),
        _ => address.to_owned(),
    }
}

fn read(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr], https: bool) -> Client {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    // What proxies wrote, the newest first: each adds to the end of the last line, or a line of its own.
    let forwarded = |name: &str| {
        let lines = headers.get_all(name).iter().filter(|_| trusted.contains(&peer)).rev();
        lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(str::trim))
    };
    // The last address that is not one of our proxies is the one that they saw; everything before it can be made up, and so can a line above theirs.
    let seen = forwarded("x-forwarded-for").map(|entry| entry.parse::<IpAddr>().map(|address| address.to_canonical()));
    let address = seen.map_while(Result::ok).find(|address| !trusted.contains(address)).unwrap_or(peer);
    let flash = CookieJar::from_headers(headers).get(FLASH_COOKIE).and_then(|cookie| {
        let bytes = URL_SAFE_NO_PAD.decode(cookie.value()).ok().filter(|bytes| bytes.len() <= MAX_FLASH_BYTES)?;
        String::from_utf8(bytes).ok()
    });
    Client {
        address: address.to_string(),
        https: forwarded("x-forwarded-proto").next().map_or(https, |proto| proto == "https"),
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
    fn a_line_above_the_proxys_own_is_not_believed() {
        let mut sent = headers(&[("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "http")]);
        sent.append("x-forwarded-for", header::HeaderValue::from_static("203.0.113.5, 10.0.0.1"));
        sent.append("x-forwarded-proto", header::HeaderValue::from_static("https"));
        let client = read(&sent, PROXY, &[PROXY], false);
        assert_eq!((client.address.as_str(), client.https), ("203.0.113.5", true));
    }

    #[test]
    fn nothing_before_an_entry_that_is_no_address_is_believed() {
        let sent = headers(&[("x-forwarded-for", "198.51.100.7, unknown, 10.0.0.1")]);
        assert_eq!(read(&sent, PROXY, &[PROXY], false).address, "10.0.0.1");
    }

    #[test]
    fn limits_count_a_line_of_ipv6_as_one() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("203.0.113.5"), network("203.0.113.6"));
    }

    #[test]
    fn only_paths_of_this_site_are_gone_on_to() {
        assert!(is_safe_next("/registrations/ABC?x=1"));
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/login",
            "/console/login/second",
            &"/a".repeat(101),
        ] {
            assert!(!is_safe_next(bad), "{bad}");
        }
    }
}
