//! Asking another server over https: one request, one answer, with a limit on every time and size. No proxy, no redirect, no cookie; what the operator named is asked and nothing else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::error::{Error, Result};

/// Name look-up, connection and handshake.
const CONNECT: Duration = Duration::from_secs(5);
/// From the first byte of the request to the last of the answer.
const ANSWER: Duration = Duration::from_secs(10);
/// An answer of a provider is a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Where requests go: `https://host[:port][/path]`. Plain http is for this machine only: a gateway beside us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    is_tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl Endpoint {
    /// The sentence for an address that is none.
    pub const WRONG: &'static str = "请填写以 https:// 开头的地址，例如 https://sms.school.example/send。";

    /// Reads an address as people type it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: hyper::Uri = text.trim().parse().map_err(|_| Self::WRONG)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(Self::WRONG)?;
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if matches!(host, "127.0.0.1" | "localhost" | "[::1]") => false,
            _ => return Err(Self::WRONG),
        };
        if has_user || text.len() > 300 {
            return Err(Self::WRONG);
        }
        Ok(Self {
            is_tls,
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }

    /// What the header `host` says, which signatures cover.
    pub fn host(&self) -> String {
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// The path and query of the address itself.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// At most 64 KiB.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was sent: it may be tried again without harm.
    Unreached(String),
    /// Something was sent, and whether it took effect is not known.
    Unanswered(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreached(why) => write!(f, "not reached: {why}"),
            Self::Unanswered(why) => write!(f, "no answer: {why}"),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Http(TlsConnector);

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Trusts the certificate authorities that browsers trust.
    pub fn new() -> Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Posts a body to `path` (with its query) of the endpoint.
    pub async fn post(&self, to: &Endpoint, path: &str, headers: &[(&'static str, String)], body: Vec<u8>) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(Method::POST).uri(path).header(HOST, to.host()).header(USER_AGENT, "baokao");
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| Failure::Unreached(format!("{name} cannot be sent")))?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| Failure::Unreached(error.to_string()))?;
        let stream = match tokio::time::timeout(CONNECT, self.connect(to)).await {
            Ok(connected) => connected.map_err(|error| Failure::Unreached(error.to_string()))?,
            Err(_) => return Err(Failure::Unreached("the connection took too long".into())),
        };
        match tokio::time::timeout(ANSWER, ask(stream, request)).await {
            Ok(answered) => answered.map_err(|error| Failure::Unanswered(error.to_string())),
            Err(_) => Err(Failure::Unanswered("the answer took too long".into())),
        }
    }

    async fn connect(&self, to: &Endpoint) -> std::io::Result<Box<dyn Stream>> {
        let host = to.host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, to.port)).await?;
        stream.set_nodelay(true)?;
        if !to.is_tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
        Ok(Box::new(self.0.connect(name, stream).await?))
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

async fn ask(stream: Box<dyn Stream>, request: Request<Full<Bytes>>) -> Result<Answer, Cause> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer or, when we give up, with the sender.
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await?.to_bytes().to_vec();
    drop(sender);
    connection.abort();
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_the_machine() {
        let host = |text: &str| Endpoint::parse(text).map(|e| (e.host(), e.path().to_owned()));
        assert_eq!(host("https://sms.school.example/send?x=1"), Ok(("sms.school.example".into(), "/send?x=1".into())));
        assert_eq!(host("https://sms.school.example:8443"), Ok(("sms.school.example:8443".into(), "/".into())));
        assert_eq!(host("http://127.0.0.1:9000/a"), Ok(("127.0.0.1:9000".into(), "/a".into())));
        for wrong in ["http://sms.school.example", "ftp://a", "sms.school.example", "https://user@host/", "https:///x", ""] {
            assert_eq!(host(wrong), Err(Endpoint::WRONG), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_not_reached() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let to = Endpoint::parse(&format!("http://{free}/")).expect("an address");
        let failed = Http::new().expect("a client").post(&to, "/", &[], Vec::new()).await.expect_err("nobody is there");
        assert!(matches!(failed, Failure::Unreached(_)), "{failed}");
    }
}
