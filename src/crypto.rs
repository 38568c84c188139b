//! Secrets and what is kept secret: field and file encryption, keyed hashes for look-up, passwords, random tokens, signatures.
//!
//! Sealed data names its cipher in the first byte, so that another (SM4-GCM) can be added beside AES-256-GCM and old data stays readable.
//! Everything is derived from one master key (32 bytes), kept in a file beside the data.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{digest, hkdf, hmac};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// First byte of sealed data: AES-256-GCM, 12-byte nonce, 16-byte tag.
const AES_256_GCM_V1: u8 = 1;
const KEY_BYTES: usize = 32;

/// The keys, derived from the master key; one for each use, so that one leaking says nothing about the others.
pub struct Keys {
    random: SystemRandom,
    seal: LessSafeKey,
    lookup: hmac::Key,
    token: hmac::Key,
    ticket: Ed25519KeyPair,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

struct Okm;

impl hkdf::KeyType for Okm {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

fn derive(master: &[u8], use_of_key: &str) -> Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"baokao master key v1")
        .extract(master)
        .expand(&[use_of_key.as_bytes()], Okm)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| Error::internal("key derivation failed"))?;
    Ok(key)
}

impl Keys {
    /// Derives every key from the master key.
    pub fn from_master(master: &[u8]) -> Result<Self> {
        if master.len() != KEY_BYTES {
            return Err(Error::internal("the master key must be 32 bytes"));
        }
        let broken = |_| Error::internal("a derived key was refused");
        let seal = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derive(master, "seal")?).map_err(broken)?);
        let ticket =
            Ed25519KeyPair::from_seed_unchecked(&derive(master, "ticket")?).map_err(|_| Error::internal("the ticket key was refused"))?;
        Ok(Self {
            random: SystemRandom::new(),
            seal,
            lookup: hmac::Key::new(hmac::HMAC_SHA256, &derive(master, "lookup")?),
            token: hmac::Key::new(hmac::HMAC_SHA256, &derive(master, "token")?),
            ticket,
        })
    }

    /// Reads the master key's file; `None` where there is none. One that cannot be read is an error: a key is never replaced.
    pub fn read(file: &Path) -> Result<Option<Self>> {
        match std::fs::read(file) {
            Ok(master) => Self::from_master(&master).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(format!("{}: {error}", file.display()))),
        }
    }

    /// Makes the master key's file, readable by its owner only: the first start. When this returns, it is on the disk; where another process made one at
    /// the same moment, it is theirs.
    pub fn make(file: &Path) -> Result<Self> {
        let folder = file.parent().ok_or_else(|| Error::internal("the master key needs a folder"))?;
        let mut master = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut master).map_err(|_| Error::internal("no randomness"))?;
        std::fs::create_dir_all(folder)?;
        // Whole under its name or not there at all. A link, unlike a rename, never replaces.
        let unfinished = file.with_extension(format!("{}.new", std::process::id()));
        write_private_over(&unfinished, &master)?;
        let linked = std::fs::hard_link(&unfinished, file);
        std::fs::remove_file(&unfinished)?;
        match linked {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        for folder in folder.ancestors().take(2).filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Self::read(file)?.ok_or_else(|| Error::internal("the master key vanished while it was made"))
    }

    /// What this master key gives and no other, to be kept with the data: a key that does not fit is then known before it writes anything.
    pub fn check(&self) -> Vec<u8> {
        self.lookup("installation.key_check", "")
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
        Ok(bytes)
    }

    /// A random token for URLs and cookies: 256 bits, base64url.
    pub fn token(&self) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.random::<32>()?))
    }

    /// A short random reference that people may read aloud: `count` characters without 0 O 1 I L.
    pub fn reference(&self, count: usize) -> Result<String> {
        const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ_";
        let mut text = String::with_capacity(count);
        while text.len() < count {
            let letter = LETTERS[usize::from(self.random::<1>()?[0] & 31)];
            if letter != b'_' {
                text.push(char::from(letter));
            }
        }
        Ok(text)
    }

    /// A random number of `count` digits, leading zeros kept: SMS codes.
    pub fn digits(&self, count: usize) -> Result<String> {
        let mut text = String::with_capacity(count);
        while text.len() < count {
            let byte = self.random::<1>()?[0];
            // 250 is the largest multiple of ten in a byte; the rest would favour small digits.
            if byte < 250 {
                text.push(char::from(b'0' + byte % 10));
            }
        }
        Ok(text)
    }

    /// Encrypts; `context` (table and column, or object key) is bound to it, so that sealed data cannot be moved elsewhere.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let nonce = self.random::<NONCE_LEN>()?;
        let mut body = plain.to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(AES_256_GCM_V1);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Decrypts what [`Keys::seal`] made with the same context.
    pub fn open_sealed(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = || Error::internal("sealed data is damaged or was sealed with another key");
        let (&[AES_256_GCM_V1], rest) = sealed.split_at_checked(1).ok_or_else(broken)? else { return Err(broken()) };
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut body = body.to_vec();
        let plain = self.seal.open_in_place(nonce, Aad::from(context.as_bytes()), &mut body).map_err(|_| broken())?.len();
        body.truncate(plain);
        Ok(body)
    }

    /// [`Keys::seal`] for a text.
    pub fn seal_text(&self, context: &str, plain: &str) -> Result<Vec<u8>> {
        self.seal(context, plain.as_bytes())
    }

    /// [`Keys::open_sealed`] for a text.
    pub fn open_text(&self, context: &str, sealed: &[u8]) -> Result<String> {
        String::from_utf8(self.open_sealed(context, sealed)?).map_err(Error::internal)
    }

    /// A keyed hash for exact look-up of a secret value: equal in, equal out, useless without the key.
    pub fn lookup(&self, context: &str, value: &str) -> Vec<u8> {
        hmac::sign(&self.lookup, format!("{context}\0{value}").as_bytes()).as_ref().to_vec()
    }

    /// A short-lived statement of ours that goes out and comes back (challenge, receipt): base64url of an HMAC.
    pub fn sign(&self, context: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.token, format!("{context}\0{value}").as_bytes()))
    }

    /// Checks what [`Keys::sign`] made, in constant time.
    pub fn verify(&self, context: &str, value: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|tag| hmac::verify(&self.token, format!("{context}\0{value}").as_bytes(), &tag).is_ok())
    }

    /// Signs a ticket's payload with Ed25519: whoever holds the public key can check it without the network.
    pub fn sign_ticket(&self, payload: &[u8]) -> Vec<u8> {
        self.ticket.sign(payload).as_ref().to_vec()
    }

    /// The public key for tickets.
    pub fn ticket_public_key(&self) -> &[u8] {
        self.ticket.public_key().as_ref()
    }
}

/// Writes a secret that only its owner may read, over an older one.
pub fn write_private_over(file: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    std::fs::remove_file(file).or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) })?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// HMAC-SHA-256 under a key that was given out, such as a nonce.
pub fn keyed(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref().to_vec()
}

/// Compares secrets in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

/// How hard a password hash is. Argon2id; the numbers are OWASP's second recommendation (19 MiB, 2 passes, 1 lane).
const ARGON2_MEMORY_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, 1, None).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What the password of somebody who does not exist is checked against: as much work as a wrong password. Hash of a random text that is kept nowhere.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Password hashes at once: each takes 19 MiB.
const HASHES_AT_ONCE: usize = 2;

/// Bounds how many passwords are hashed at once.
#[derive(Debug)]
pub struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(HASHES_AT_ONCE)))
    }
}

impl Hashing {
    /// Runs `work` on a blocking thread when its turn comes. The slot belongs to the work, which goes on to its end although nobody may wait for it any
    /// more: whoever hangs up makes no room for another.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let slot = self.0.clone().acquire_owned().await.map_err(Error::internal)?;
        Ok(tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work()
        })
        .await?)
    }
}

/// Hashes a password (slow by design: call it on a blocking thread).
pub fn hash_password(salt: [u8; 16], password: &str) -> Result<String> {
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| Error::internal(e.to_string()))?;
    Ok(hash.to_string())
}

/// Checks a password against its hash (slow by design: call it on a blocking thread).
pub fn verify_password(hash: &str, password: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::from_master(&[7; 32]).expect("keys")
    }

    #[test]
    fn sealed_data_opens_only_in_its_place_and_unchanged() {
        let keys = keys();
        let mut sealed = keys.seal_text("accounts.phone", "13812341234").expect("sealed");
        assert_eq!(keys.open_text("accounts.phone", &sealed).expect("opened"), "13812341234");
        assert!(keys.open_text("accounts.document", &sealed).is_err());
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert!(keys.open_text("accounts.phone", &sealed).is_err());
        assert!(keys.open_sealed("x", &[]).is_err());
        assert!(Keys::from_master(&[8; 32]).expect("other keys").open_sealed("x", &keys.seal("x", b"y").expect("sealed")).is_err());
    }

    #[test]
    fn equal_values_have_equal_lookups_in_one_context_only() {
        let keys = keys();
        assert_eq!(keys.lookup("phone", "1"), keys.lookup("phone", "1"));
        assert_ne!(keys.lookup("phone", "1"), keys.lookup("document", "1"));
    }

    #[test]
    fn signatures_are_bound_to_their_context() {
        let keys = keys();
        let signature = keys.sign("pow", "abc");
        assert!(keys.verify("pow", "abc", &signature));
        assert!(!keys.verify("pow", "abd", &signature));
        assert!(!keys.verify("receipt", "abc", &signature));
        assert!(!keys.verify("pow", "abc", "%%%"));
    }

    #[test]
    fn passwords_verify_and_others_do_not() {
        let hash = hash_password([1; 16], "长沙2026").expect("hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password(&hash, "长沙2026"));
        assert!(!verify_password(&hash, "长沙2027"));
        assert!(!verify_password("not a hash", "长沙2026"));
    }

    #[tokio::test]
    async fn whoever_hangs_up_makes_no_room_for_another_hash() {
        let hashing = Hashing::default();
        let patience = std::time::Duration::from_millis(50);
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let finished = Arc::new(std::sync::Mutex::new(finished));
        for _ in 0..HASHES_AT_ONCE {
            let finished = finished.clone();
            let work = hashing.run(move || finished.lock().map(|line| line.recv().ok()).is_ok());
            assert!(tokio::time::timeout(patience, work).await.is_err(), "the caller is gone, the work goes on");
        }
        assert!(tokio::time::timeout(patience, hashing.run(|| ())).await.is_err(), "no slot is free");
        drop(finish);
        hashing.run(|| ()).await.expect("a slot is free again");
    }

    #[test]
    fn references_avoid_letters_that_look_alike() {
        let text = keys().reference(200).expect("a reference");
        assert!(!text.contains(['0', 'O', '1', 'I', 'L', '_']));
    }
}
