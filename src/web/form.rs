//! Reading what a form sends: fields into a struct, uploads into memory within limits.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use serde::de::DeserializeOwned;

use super::intake::{Sender, Share};
use crate::app::App;
use crate::error::{Error, Result};
use crate::pictures::{MAX_PICTURE_BYTES, TOO_LARGE};

/// A form without files is never larger.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// What of an upload is received at all: two photographs as phones take them, without the script that makes them smaller. Of these only
/// [`MAX_KEPT_BYTES`] are kept; the rest is read to its end and dropped, because a browser shows an answer only when its request was taken to the end.
pub const MAX_UPLOAD_BYTES: usize = 32 * 1024 * 1024;
/// What of an upload is kept in memory: two pictures and their fields.
const MAX_KEPT_BYTES: usize = 2 * MAX_PICTURE_BYTES + 256 * 1024;
const MAX_PARTS: usize = 64;
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A urlencoded form (or a query, for GET) read into `T`; give every field `#[serde(default)]`, so that a missing one becomes a sentence of ours.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        match axum_extra::extract::Form::<T>::from_request(request, state).await {
            Ok(axum_extra::extract::Form(value)) => Ok(Self(value)),
            Err(_) => Err(Error::invalid("", "表单内容不完整，请返回上一页重新填写。")),
        }
    }
}

/// A file of an upload.
#[derive(Debug)]
pub struct Upload {
    /// The field it came in.
    pub field: String,
    /// Its content; never empty.
    pub bytes: Vec<u8>,
}

/// A multipart form: texts and files in their order. An empty file field counts as none.
#[derive(Debug)]
pub struct Uploads {
    /// While it lives, its bytes count.
    _share: Share,
    texts: Vec<(String, String)>,
    /// The files, in order.
    pub files: Vec<Upload>,
}

impl Uploads {
    /// A text field, or "".
    pub fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// Takes the first file of a field.
    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        let at = self.files.iter().position(|file| file.field == name)?;
        Some(self.files.swap_remove(at).bytes)
    }
}

impl FromRequest<App> for Uploads {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let mut share = Share::begin(app, request.extensions().get::<Sender>().copied())?;
        let mut multipart = Multipart::from_request(request, app).await.map_err(|_| incomplete())?;
        let (mut texts, mut files): (Vec<_>, Vec<Upload>) = (Vec::new(), Vec::new());
        let (mut parts, mut kept, mut refusal) = (0, 0, None);
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(incomplete());
            }
            let name = field.name().unwrap_or_default().to_owned();
            let is_file = field.file_name().is_some();
            let (max, too_large) = if is_file { (MAX_PICTURE_BYTES, TOO_LARGE) } else { (MAX_TEXT_BYTES, TEXT_TOO_LARGE) };
            // Once refused, the rest is only read.
            let max = if refusal.is_some() { 0 } else { max.min(MAX_KEPT_BYTES - kept) };
            match read(field, max, &mut share).await? {
                Some(bytes) => {
                    kept += bytes.len();
                    match is_file {
                        true if !bytes.is_empty() => files.push(Upload { field: name, bytes }),
                        true => {}
                        false => texts.push((name, String::from_utf8(bytes).map_err(|_| incomplete())?)),
                    }
                }
                None => refusal = refusal.or(Some(too_large)),
            }
        }
        match refusal {
            Some(too_large) => Err(Error::TooLarge(too_large.into())),
            None => Ok(Self { _share: share, texts, files }),
        }
    }
}

/// A form with one file of at most `MAX` bytes that is no picture.
#[derive(Debug)]
pub struct OneFile<const MAX: usize> {
    /// While it lives, its bytes count.
    _share: Share,
    /// What its owner calls it, as the browser says.
    pub name: String,
    /// Its content; empty where none was chosen.
    pub bytes: Vec<u8>,
}

impl<const MAX: usize> FromRequest<App> for OneFile<MAX> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let mut share = Share::begin(app, request.extensions().get::<Sender>().copied())?;
        let mut multipart = Multipart::from_request(request, app).await.map_err(|_| incomplete())?;
        let (mut name, mut bytes) = (String::new(), Some(Vec::new()));
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            if let Some(file_name) = field.file_name() {
                name = file_name.to_owned();
                bytes = read(field, MAX, &mut share).await?;
            }
        }
        match bytes {
            Some(bytes) => Ok(Self { _share: share, name, bytes }),
            None => Err(Error::TooLarge(format!("文件不能超过 {}M。请删去不需要的列和工作表后再上传。", MAX >> 20).into())),
        }
    }
}

const TEXT_TOO_LARGE: &str = "填写的内容太长，请缩短后再提交。";

/// A field of at most `max` bytes, read to its end in any case; `None` when it is larger.
async fn read(mut field: Field<'_>, max: usize, share: &mut Share) -> Result<Option<Vec<u8>>> {
    let mut bytes = Some(Vec::new());
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        match &mut bytes {
            Some(kept) if kept.len() + chunk.len() <= max => {
                share.take(chunk.len()).await?;
                kept.extend_from_slice(&chunk);
            }
            _ => bytes = None,
        }
    }
    Ok(bytes)
}

fn incomplete() -> Error {
    Error::invalid("", "上传的内容不完整，请检查网络后重新上传。")
}

fn broken(error: MultipartError) -> Error {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge(TOO_LARGE.into()) } else { incomplete() }
}
