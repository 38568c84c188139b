//! Pictures that people upload: checked at the door, encrypted in the object store, one row each. Nothing is decoded here beyond its head.
//!
//! Invariant: the object is written and synced before the row is committed, and the row before the upload is answered.

use baokao_vision::PictureProblem;

use crate::app::App;
use crate::crypto::sha256;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// The manual's limit: 4 MiB.
pub const MAX_PICTURE_BYTES: usize = 4 * 1024 * 1024;
/// The sentence for a larger one.
pub const TOO_LARGE: &str = "照片大小不能超过 4M，请重新拍摄或压缩后再上传。";
const NOT_WHOLE: &str = "照片打不开，可能没有传完整。请重新选择或重拍。";
/// The sentence for a file that is not a picture.
pub const NOT_A_PICTURE: &str = "这个文件不是可用的照片，请上传 JPG、PNG 或 WebP 格式的照片。";

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the codes say it")]
pub enum PictureKind {
    CardFront,
    CardBack,
    Portrait,
    Face,
    Holding,
    Proof,
    PaymentQr,
    Logo,
    Attachment,
}

impl PictureKind {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::CardFront => "card_front",
            Self::CardBack => "card_back",
            Self::Portrait => "portrait",
            Self::Face => "face",
            Self::Holding => "holding",
            Self::Proof => "proof",
            Self::PaymentQr => "payment_qr",
            Self::Logo => "logo",
            Self::Attachment => "attachment",
        }
    }
}

/// The word on pages for a stored kind.
pub fn kind_word(code: &str) -> &'static str {
    match code {
        "card_front" => "证件人像面",
        "card_back" => "证件国徽面",
        "portrait" => "证件头像",
        "face" => "人脸照片",
        "holding" => "手持证件照",
        "proof" => "订单截图",
        "payment_qr" => "缴费二维码",
        "logo" => "校徽",
        "attachment" => "报名附件",
        _ => "照片",
    }
}

/// Whose picture it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A candidate's account.
    Candidate(i64),
    /// An exam (the payment QR).
    Exam(i64),
    /// The school (its logo).
    School,
}

impl Owner {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Candidate(id) => ("candidate", id),
            Self::Exam(id) => ("exam", id),
            Self::School => ("school", 0),
        }
    }
}

/// A stored picture.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Picture {
    /// Row id.
    pub id: i64,
    /// Random public reference.
    pub ref_: String,
    /// `candidate` or `exam`.
    pub owner_kind: String,
    /// Row id of the owner.
    pub owner: i64,
    /// See [`PictureKind::code`].
    pub kind: String,
    /// Key in the object store.
    pub object_key: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub mime: String,
    /// Of the picture as uploaded.
    pub sha256: Vec<u8>,
}

/// A picture whose object is safe in the store and whose row is still to be written.
#[derive(Clone, Debug)]
pub struct Stored {
    object_key: String,
    mime: &'static str,
    bytes: i64,
    sha256: Vec<u8>,
}

/// The sentence for a picture with too many pixels: a bomb, or a scan meant for printing.
pub const TOO_MANY_PIXELS: &str = "照片的尺寸太大，请用手机直接拍摄，或缩小后再上传。";

/// Checks an upload at the door: size, kind, and the width and height that its head claims, against the limits of [`baokao_vision::decode`].
/// Nothing is decoded, so that a bomb costs nothing; the problem is noted under `field`.
pub async fn admit(field: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || check_head(field, &bytes).map(|()| bytes)).await?
}

fn check_head(field: &'static str, bytes: &[u8]) -> Result<()> {
    check(bytes).map_err(|error| if let Error::Invalid(_) = error { Error::invalid(field, NOT_A_PICTURE) } else { error })?;
    match baokao_vision::measure(bytes, &baokao_vision::DecodeLimits::default()) {
        Ok(_) => Ok(()),
        Err(PictureProblem::TooManyPixels) => Err(Error::invalid(field, TOO_MANY_PIXELS)),
        Err(PictureProblem::Damaged) => Err(Error::invalid(field, NOT_WHOLE)),
        Err(_) => Err(Error::invalid(field, NOT_A_PICTURE)),
    }
}

/// Checks size and kind, encrypts, writes the object. The transaction comes after, so that no writer waits for the disk.
pub async fn put(app: &App, bytes: &[u8]) -> Result<Stored> {
    let mime = check(bytes)?;
    let object_key = app.keys.token()?;
    app.objects.put(&object_key, app.keys.seal(&object_key, bytes)?).await?;
    Ok(Stored { object_key, mime, bytes: bytes.len() as i64, sha256: sha256(bytes) })
}

/// Size and kind, by the first bytes.
pub fn check(bytes: &[u8]) -> Result<&'static str> {
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(Error::TooLarge(TOO_LARGE.into()));
    }
    match image::guess_format(bytes) {
        Ok(image::ImageFormat::Jpeg) => Ok("image/jpeg"),
        Ok(image::ImageFormat::Png) => Ok("image/png"),
        Ok(image::ImageFormat::WebP) => Ok("image/webp"),
        _ => Err(Error::invalid("picture", NOT_A_PICTURE)),
    }
}

/// Writes the row; returns its id.
pub async fn record(app: &App, tx: &mut Tx, owner: Owner, kind: PictureKind, stored: Stored) -> Result<i64> {
    let now = app.clock.now();
    let id = app.ids.make(now);
    let (owner_kind, owner) = owner.columns();
    sqlx::query(sql!(
        "insert into pictures (id, ref, owner_kind, owner, kind, object_key, mime, bytes, sha256, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ))
    .bind(id)
    .bind(app.keys.token()?)
    .bind(owner_kind)
    .bind(owner)
    .bind(kind.code())
    .bind(stored.object_key)
    .bind(stored.mime)
    .bind(stored.bytes)
    .bind(stored.sha256)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Removes objects whose rows were never committed. Only where that is certain: not after a commit that failed.
pub async fn discard(app: &App, stored: &[Stored]) -> Result<()> {
    for one in stored {
        app.objects.delete(&one.object_key).await?;
    }
    Ok(())
}

/// Finds a picture by row id, unless deleted.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Picture> {
    sqlx::query_as(sql!(
        "select id, ref as ref_, owner_kind, owner, kind, object_key, mime, sha256 from pictures where id = $1 and deleted_at is null"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// Finds a picture by its public reference, unless deleted. The caller checks whose it is.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Picture> {
    sqlx::query_as(sql!(
        "select id, ref as ref_, owner_kind, owner, kind, object_key, mime, sha256 from pictures where ref = $1 and deleted_at is null"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// Row id, public reference, kind and time of the pictures of one owner, newest first, but those deleted.
pub async fn of_owner(conn: &mut Conn, owner: Owner, limit: i64) -> Result<Vec<(i64, String, String, i64)>> {
    let (owner_kind, owner) = owner.columns();
    Ok(sqlx::query_as(sql!(
        "select id, ref, kind, created_at from pictures where owner_kind = $1 and owner = $2 and deleted_at is null order by id desc limit $3"
    ))
    .bind(owner_kind)
    .bind(owner)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// The picture's bytes as uploaded.
pub async fn bytes(app: &App, picture: &Picture) -> Result<Vec<u8>> {
    app.keys.open_sealed(&picture.object_key, &app.objects.get(&picture.object_key).await?)
}

/// Marks a picture deleted and removes its object by a job after the commit.
pub async fn delete(app: &App, tx: &mut Tx, id: i64) -> Result<()> {
    let now = app.clock.now();
    sqlx::query(sql!("update pictures set deleted_at = $1 where id = $2 and deleted_at is null"))
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    let job = crate::jobs::NewJob {
        kind: "pictures.purge",
        queue: crate::jobs::Queue::Default,
        priority: crate::jobs::PRIORITY_BATCH,
        payload: serde_json::json!({ "picture": id }),
        unique_key: Some(format!("pictures.purge:{id}")),
        run_at: now,
    };
    crate::jobs::enqueue(app, tx, job).await
}

/// Deletes every picture of an owner.
pub async fn delete_all(app: &App, tx: &mut Tx, owner: Owner) -> Result<()> {
    let (owner_kind, owner) = owner.columns();
    let ids: Vec<(i64,)> = sqlx::query_as(sql!("select id from pictures where owner_kind = $1 and owner = $2 and deleted_at is null"))
        .bind(owner_kind)
        .bind(owner)
        .fetch_all(&mut **tx)
        .await?;
    for (id,) in ids {
        delete(app, tx, id).await?;
    }
    Ok(())
}

/// The job behind [`delete`].
pub async fn purge(app: &App, id: i64) -> Result<()> {
    let key: Option<(String,)> = sqlx::query_as(sql!("select object_key from pictures where id = $1 and deleted_at is not null"))
        .bind(id)
        .fetch_optional(&mut *app.db.read().await?)
        .await?;
    match key {
        Some((key,)) => app.objects.delete(&key).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a PNG that claims a size; nothing follows.
    fn png_claiming(width: u32, height: u32) -> Vec<u8> {
        let mut chunk = b"IHDR".to_vec();
        chunk.extend(width.to_be_bytes());
        chunk.extend(height.to_be_bytes());
        chunk.extend([8, 2, 0, 0, 0]);
        let crc = chunk.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
        });
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        bytes.extend(chunk);
        bytes.extend((!crc).to_be_bytes());
        bytes.extend(b"\0\0\0\x04IDAT\0\0\0\0\0\0\0\0");
        bytes
    }

    fn refusal(bytes: &[u8]) -> String {
        check_head("front", bytes).map_or_else(|error| error.sentence().into_owned(), |()| String::new())
    }

    #[test]
    fn a_bomb_is_refused_by_its_head() {
        assert_eq!(refusal(&png_claiming(30_000, 30_000)), TOO_MANY_PIXELS);
        assert_eq!(refusal(&png_claiming(12_001, 1)), TOO_MANY_PIXELS);
        assert_eq!(refusal(&png_claiming(0, 10)), NOT_WHOLE);
        assert_eq!(refusal(&png_claiming(4000, 3000)), "");
    }

    #[test]
    fn other_files_and_large_ones_are_refused_at_the_door() {
        for bytes in [b"GIF89a\x01\0\x01\0".as_slice(), b"", "您好".as_bytes()] {
            assert_eq!(refusal(bytes), NOT_A_PICTURE);
        }
        for bytes in [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xff\xd8\xff\xe0\0\x04\0\0"] {
            assert_eq!(refusal(bytes), NOT_WHOLE);
        }
        let mut large = png_claiming(10, 10);
        large.resize(MAX_PICTURE_BYTES + 1, 0);
        assert_eq!(refusal(&large), TOO_LARGE);
    }
}
