//! Every setting of the program: its default, its environment name, its check. (How much the log says, `BAOKAO_LOG`, is the command line's own matter.)

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::error::{Error, Result};

/// The school's name until the operator sets it.
pub const DEFAULT_SCHOOL: &str = "继续教育学院";

/// What the operator can set. Environment names are in the field's text.
#[derive(Clone, Debug)]
pub struct Config {
    /// `BAOKAO_DATA`: the one folder with database, pictures and keys. Default `./data`; for the demo `./data/demo`.
    pub data: PathBuf,
    /// `BAOKAO_DATABASE_URL`: `sqlite:PATH` or `postgres://…`. Default: `baokao.db` in the data folder.
    pub database_url: String,
    /// `BAOKAO_LISTEN`: where to listen. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `BAOKAO_PUBLIC_URL`: how candidates reach the site, without a slash at the end; what posters and QR codes carry. Default `http://{listen}`.
    pub public_url: String,
    /// `BAOKAO_SCHOOL`: the school's name.
    pub school: String,
    /// `BAOKAO_HELP_PHONE`: whom to ask; shown on every page. May be empty.
    pub help_phone: String,
    /// `BAOKAO_AUDIT_DAYS`: how long the audit is kept. Default and least 200: the Cybersecurity Law, article 21, asks for six months.
    pub audit_days: i64,
    /// `BAOKAO_ASSETS`: models and fonts. Default `./assets/fetched`.
    pub assets: PathBuf,
    /// `BAOKAO_TRUSTED_PROXIES`: comma-separated addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Default: none.
    pub trusted_proxies: Vec<IpAddr>,
    /// `BAOKAO_VISION_WORKERS`: how many pictures are read at once (1 to 64). Default: half the cores, at least 1.
    pub vision_workers: usize,
    /// `BAOKAO_FACE_TEMPLATE_DAYS` (0 to 400): for so many days faces are stored as numbers, and each new one is looked for among them. Default 0: none is stored, and nothing is
    /// looked for. Read docs/OPERATING.md before switching it on.
    pub face_template_days: i64,
    /// For how many seconds a reviewer's decision can be taken back; it has no effect before. 0: at once, and for good.
    pub undo_s: i64,
    /// The demo: `/demo` exists, SMS go to its outbox page. Only by the command `demo`, never by an environment name.
    pub demo: bool,
    /// A certificate of our own, for a try-out: only by `--tls self-signed`. Browsers are then not told to insist on https.
    pub self_signed: bool,
}

impl Config {
    /// Reads the environment.
    pub fn from_env() -> Result<Self> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads the environment for the demo, whose data lie in a folder of their own: `data/demo`.
    pub fn demo_from_env() -> Result<Self> {
        Self::read_demo(|name| std::env::var(name).ok())
    }

    fn read_demo(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let of_its_own = |name: &str| (name == "BAOKAO_DATA").then(|| "data/demo".to_owned());
        let config = Self::read(|name| get(name).filter(|value| !value.trim().is_empty()).or_else(|| of_its_own(name)))?;
        Ok(Self { demo: true, ..config })
    }

    /// Reads settings through `get`, which returns a name's value.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let data = PathBuf::from(get("BAOKAO_DATA").unwrap_or_else(|| "data".into()));
        let listen: SocketAddr = match get("BAOKAO_LISTEN") {
            Some(text) => text.parse().map_err(|_| wrong("BAOKAO_LISTEN", "an address such as 127.0.0.1:8080"))?,
            None => SocketAddr::from(([127, 0, 0, 1], 8080)),
        };
        let public_url = get("BAOKAO_PUBLIC_URL").unwrap_or_else(|| default_url(listen)).trim_end_matches('/').to_owned();
        if !public_url.starts_with("http://") && !public_url.starts_with("https://") {
            return Err(wrong("BAOKAO_PUBLIC_URL", "an address that begins with https://"));
        }
        let audit_days = match get("BAOKAO_AUDIT_DAYS") {
            None => AUDIT_DAYS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|days| (AUDIT_DAYS..=36_500).contains(days))
                .ok_or_else(|| wrong("BAOKAO_AUDIT_DAYS", "a number of days, at least 200"))?,
        };
        let trusted_proxies = get("BAOKAO_TRUSTED_PROXIES")
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| wrong("BAOKAO_TRUSTED_PROXIES", "IP addresses, separated by commas")))
            .collect::<Result<_>>()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let vision_workers = match get("BAOKAO_VISION_WORKERS") {
            Some(text) => {
                text.parse().ok().filter(|n| (1..=64).contains(n)).ok_or_else(|| wrong("BAOKAO_VISION_WORKERS", "a number from 1 to 64"))?
            }
            None => (cores / 2).max(1),
        };
        let face_template_days = match get("BAOKAO_FACE_TEMPLATE_DAYS") {
            Some(text) => text
                .parse()
                .ok()
                .filter(|n| (0..=400).contains(n))
                .ok_or_else(|| wrong("BAOKAO_FACE_TEMPLATE_DAYS", "a number from 0 to 400"))?,
            None => 0,
        };
        let undo_s = match get("BAOKAO_UNDO_SECONDS") {
            Some(text) => {
                text.parse().ok().filter(|n| (0..=60).contains(n)).ok_or_else(|| wrong("BAOKAO_UNDO_SECONDS", "a number from 0 to 60"))?
            }
            None => 10,
        };
        Ok(Self {
            database_url: get("BAOKAO_DATABASE_URL").unwrap_or_else(|| format!("sqlite:{}", data.join("baokao.db").display())),
            data,
            listen,
            public_url,
            school: get("BAOKAO_SCHOOL").unwrap_or_else(|| DEFAULT_SCHOOL.into()),
            help_phone: get("BAOKAO_HELP_PHONE").unwrap_or_default(),
            audit_days,
            assets: PathBuf::from(get("BAOKAO_ASSETS").unwrap_or_else(|| "assets/fetched".into())),
            trusted_proxies,
            vision_workers,
            face_template_days,
            undo_s,
            demo: false,
            self_signed: false,
        })
    }

    /// Whether cookies may only travel encrypted: candidates reach us by https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The audit is kept so long at least.
const AUDIT_DAYS: i64 = 200;

/// The public address until the operator sets one.
pub fn default_url(listen: SocketAddr) -> String {
    format!("http://{listen}")
}

fn wrong(name: &str, expected: &str) -> Error {
    Error::internal(format!("{name} must be {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_one_folder_and_one_address() {
        let config = Config::read(|_| None).expect("defaults");
        assert_eq!(config.database_url, "sqlite:data/baokao.db");
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert!(config.trusted_proxies.is_empty() && !config.is_https());
        assert_eq!(config.face_template_days, 0, "no face is stored unless the operator says so");
    }

    #[test]
    fn the_demo_has_a_folder_of_its_own() {
        let config = Config::read_demo(|_| None).expect("defaults");
        assert!(config.demo && config.database_url == "sqlite:data/demo/baokao.db");
        let named = Config::read_demo(|name| (name == "BAOKAO_DATA").then(|| "elsewhere".to_owned())).expect("a folder");
        assert_eq!(named.database_url, "sqlite:elsewhere/baokao.db");
    }

    #[test]
    fn wrong_settings_are_named() {
        for (name, value) in [
            ("BAOKAO_LISTEN", "here"),
            ("BAOKAO_PUBLIC_URL", "school.example"),
            ("BAOKAO_TRUSTED_PROXIES", "proxy"),
            ("BAOKAO_VISION_WORKERS", "0"),
            ("BAOKAO_FACE_TEMPLATE_DAYS", "for ever"),
        ] {
            let error = Config::read(|asked| (asked == name).then(|| value.to_owned())).expect_err("refused");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
