//! Where encrypted pictures lie: an object store, in a local folder for now. The keys are made by us and cannot leave the folder.

use std::path::Path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};

use crate::error::{Error, Result};

/// The object store.
#[derive(Clone, Debug)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// Objects lie below `folder`, which is made where missing. Each is written to a new file, synced, renamed and its folder synced, so that an
    /// acknowledged upload survives the plug being pulled.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Spreads the objects over folders by the first letters of their keys, which are random.
    fn key(key: &str) -> Result<Key> {
        let is_ours = key.len() >= 8 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if is_ours { Ok(Key::from_iter([&key[..2], key])) } else { Err(Error::internal("an object key of a form that we never make")) }
    }

    /// Writes an object.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        self.0.put(&Self::key(key)?, PutPayload::from(bytes)).await.map_err(Error::internal)?;
        Ok(())
    }

    /// Reads an object.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>> {
        let found = self.0.get(&Self::key(key)?).await.map_err(Error::internal)?;
        Ok(found.bytes().await.map_err(Error::internal)?.into())
    }

    /// Deletes an object; one that is gone already is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.0.delete(&Self::key(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(Error::internal(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn objects_come_back_and_foreign_keys_are_refused() {
        let folder = std::env::temp_dir().join(format!("baokao-objects-{}", std::process::id()));
        let objects = Objects::in_folder(&folder).expect("a store");
        objects.put("abcdefgh", b"picture".to_vec()).await.expect("put");
        assert_eq!(objects.get("abcdefgh").await.expect("get"), b"picture");
        objects.delete("abcdefgh").await.expect("delete");
        objects.delete("abcdefgh").await.expect("delete again");
        assert!(objects.get("abcdefgh").await.is_err());
        for key in ["../../etc/passwd", "short", "abc/defgh", ""] {
            assert!(objects.put(key, b"x".to_vec()).await.is_err(), "{key}");
        }
        std::fs::remove_dir_all(folder).expect("cleaned");
    }
}
