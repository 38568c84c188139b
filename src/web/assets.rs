//! Style sheets and scripts, embedded by `build.rs` under names that carry a hash of their content.
//!
//! A template writes `{{ crate::web::assets::url("app.css") }}`; the router serves `/static/{name}` with [`serve`].

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};

struct Asset {
    /// What templates call it: `app.css`.
    name: &'static str,
    /// What the address calls it: `app.0123456789abcdef.css`.
    file: &'static str,
    url: &'static str,
    content_type: &'static str,
    raw: &'static [u8],
    /// Empty where packing did not make it smaller.
    br: &'static [u8],
}

// `static ASSETS: &[Asset]`, sorted by name.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Where an unknown name leads: an address that answers 404. A test makes sure no template asks for one.
const MISSING: &str = "/static/missing";

/// The address of an embedded file by its plain name, such as `app.css`.
pub fn url(name: &str) -> &'static str {
    match ASSETS.binary_search_by(|asset| asset.name.cmp(name)) {
        Ok(at) => ASSETS[at].url,
        Err(_) => MISSING,
    }
}

/// Answers `/static/{name}`. The content never changes under one name, so it may be kept for ever.
pub async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response<Body> {
    let Some(asset) = ASSETS.iter().find(|asset| asset.file == file) else {
        let mut gone = Response::new(Body::from("404\n"));
        *gone.status_mut() = StatusCode::NOT_FOUND;
        // A page of another version may ask for a name that this one does not have: not to be kept.
        gone.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return gone;
    };
    let packed = !asset.br.is_empty() && accepts_brotli(&headers);
    let mut response = Response::new(Body::from(if packed { asset.br } else { asset.raw }));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Whether `Accept-Encoding` names `br` and does not refuse it with `q=0`.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("br") && !parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    /// Every `assets::url("…")` below `dir`, with the file it stands in.
    fn names_used(dir: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names_used(&path, found);
            } else if path.extension().is_some_and(|e| e == "html") {
                let text = std::fs::read_to_string(&path).unwrap();
                for part in text.split("assets::url(\"").skip(1) {
                    let name = part.split('"').next().unwrap_or_default();
                    found.push((path.display().to_string(), name.to_owned()));
                }
            }
        }
    }

    #[test]
    fn every_name_in_a_template_exists() {
        let mut found = Vec::new();
        let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        names_used(&src, &mut found);
        assert!(!found.is_empty());
        for (file, name) in found {
            assert_ne!(url(&name), MISSING, "{file} asks for {name}");
        }
        assert_eq!(url("no-such.css"), MISSING);
    }

    #[test]
    fn brotli_is_sent_only_to_who_takes_it() {
        assert!(accepts_brotli(&accepting("gzip, deflate, br, zstd")));
        assert!(accepts_brotli(&accepting("br;q=0.5")));
        assert!(!accepts_brotli(&accepting("gzip, br;q=0")));
        assert!(!accepts_brotli(&accepting("gzip")));
        assert!(!accepts_brotli(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_style_sheet_is_kept_for_ever_and_smaller_when_packed() {
        let file = url("app.css").trim_start_matches("/static/").to_owned();
        let plain = serve(Path(file.clone()), HeaderMap::new()).await;
        assert_eq!(plain.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let kept = plain.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(kept.contains("immutable"));
        let packed = serve(Path(file), accepting("br")).await;
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        let size = |r: Response<Body>| async { axum::body::to_bytes(r.into_body(), 1 << 20).await.unwrap().len() };
        let (plain, packed) = (size(plain).await, size(packed).await);
        assert!(packed * 2 < plain, "{packed} of {plain} bytes");
    }

    #[tokio::test]
    async fn an_unknown_name_is_not_found_and_not_kept() {
        let answer = serve(Path("app.css".to_owned()), HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }
}
