//! Reading what a form sends: fields into a struct, uploads into memory within limits.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::pictures::{MAX_PICTURE_BYTES, TOO_LARGE};

/// A form without files is never larger.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// Two pictures and their fields.
pub const MAX_UPLOAD_BYTES: usize = 2 * MAX_PICTURE_BYTES + 256 * 1024;
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
#[derive(Debug, Default)]
pub struct Uploads {
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

impl<S: Send + Sync> FromRequest<S> for Uploads {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let mut multipart = Multipart::from_request(request, state).await.map_err(|_| incomplete())?;
        let mut uploads = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            if uploads.texts.len() + uploads.files.len() >= MAX_PARTS {
                return Err(incomplete());
            }
            let name = field.name().unwrap_or_default().to_owned();
            if field.file_name().is_some() {
                let bytes = read(field, MAX_PICTURE_BYTES, TOO_LARGE).await?;
                if !bytes.is_empty() {
                    uploads.files.push(Upload { field: name, bytes });
                }
            } else {
                let bytes = read(field, MAX_TEXT_BYTES, "填写的内容太长，请缩短后再提交。").await?;
                uploads.texts.push((name, String::from_utf8(bytes).map_err(|_| incomplete())?));
            }
        }
        Ok(uploads)
    }
}

async fn read(mut field: Field<'_>, max: usize, too_large: &'static str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > max {
            return Err(Error::TooLarge(too_large.into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn incomplete() -> Error {
    Error::invalid("", "上传的内容不完整，请检查网络后重新上传。")
}

fn broken(error: MultipartError) -> Error {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge(TOO_LARGE.into()) } else { incomplete() }
}
