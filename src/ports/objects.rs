//! Where encrypted pictures lie. One folder for now; the keys are made by us, so a key can never leave the folder.

use std::path::PathBuf;

use tokio::io::AsyncWriteExt as _;

use crate::error::{Error, Result};

/// An object store in a local folder.
#[derive(Clone, Debug)]
pub struct Objects {
    folder: PathBuf,
}

impl Objects {
    /// Objects lie below `folder`, which is made when first needed.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, key: &str) -> Result<PathBuf> {
        let is_ours = key.len() >= 8 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !is_ours {
            return Err(Error::internal("an object key of a form that we never make"));
        }
        Ok(self.folder.join(&key[..2]).join(key))
    }

    /// Writes an object so that it survives the plug being pulled: a new file, synced, renamed, its folder synced.
    pub async fn put(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(key)?;
        let folder = path.parent().ok_or_else(|| Error::internal("an object without a folder"))?;
        tokio::fs::create_dir_all(folder).await?;
        let unfinished = path.with_extension("part");
        let mut file = tokio::fs::File::create(&unfinished).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        drop(file);
        tokio::fs::rename(&unfinished, &path).await?;
        tokio::fs::File::open(folder).await?.sync_all().await?;
        Ok(())
    }

    /// Reads an object.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>> {
        Ok(tokio::fs::read(self.path(key)?).await?)
    }

    /// Deletes an object; one that is gone already is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match tokio::fs::remove_file(self.path(key)?).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn objects_come_back_and_foreign_keys_are_refused() {
        let folder = std::env::temp_dir().join(format!("baokao-objects-{}", std::process::id()));
        let objects = Objects::in_folder(folder.clone());
        objects.put("abcdefgh", b"picture").await.expect("put");
        assert_eq!(objects.get("abcdefgh").await.expect("get"), b"picture");
        objects.delete("abcdefgh").await.expect("delete");
        objects.delete("abcdefgh").await.expect("delete again");
        assert!(objects.get("abcdefgh").await.is_err());
        for key in ["../../etc/passwd", "short", "abc/defgh", ""] {
            assert!(objects.put(key, b"x").await.is_err(), "{key}");
        }
        std::fs::remove_dir_all(folder).expect("cleaned");
    }
}
