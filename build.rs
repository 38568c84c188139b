//! Embeds style sheets and scripts: ours from src/web/static, others' from node_modules.
//!
//! Each file gets a name with a hash of its content, so that browsers may keep it for ever, and a
//! brotli version made once per content. `src/web/assets.rs` includes the table written here.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// What is embedded from packages: the logical name and the file.
const PACKAGES: [(&str, &str); 3] = [
    ("weui.css", "node_modules/weui/dist/style/weui.min.css"),
    ("tabler.css", "node_modules/@tabler/core/dist/css/tabler.min.css"),
    ("htmx.js", "node_modules/htmx.org/dist/htmx.min.js"),
];

/// Our own files; everything in this folder is embedded under its own name.
const OWN: &str = "src/web/static";

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={OWN}");

    let mut sources: Vec<(String, PathBuf)> = Vec::new();
    for (name, path) in PACKAGES {
        println!("cargo::rerun-if-changed={path}");
        let path = root.join(path);
        if !path.is_file() {
            return Err(format!("{} is missing: run `make assets` first", path.display()));
        }
        sources.push((name.to_owned(), path));
    }
    for entry in fs::read_dir(root.join(OWN)).map_err(|e| format!("{OWN}: {e}"))? {
        let path = entry.map_err(|e| format!("{OWN}: {e}"))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.is_file() && !name.starts_with('.') {
            println!("cargo::rerun-if-changed={OWN}/{name}");
            sources.push((name, path));
        }
    }
    sources.sort();

    let cache = out.join("static");
    fs::create_dir_all(&cache).map_err(|e| format!("{}: {e}", cache.display()))?;
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    let mut kept = HashSet::new();
    for (name, path) in &sources {
        let line = embed_one(name, path, &cache, &mut kept).map_err(|e| format!("{}: {e}", path.display()))?;
        table.push_str(&line);
    }
    table.push_str("];\n");
    remove_others(&cache, &kept).map_err(|e| format!("{}: {e}", cache.display()))?;
    fs::write(out.join("assets.rs"), table).map_err(|e| format!("assets.rs: {e}"))
}

/// Writes the file and its brotli version beside each other, named by content, and returns its line of the table.
fn embed_one(name: &str, path: &Path, cache: &Path, kept: &mut HashSet<String>) -> io::Result<String> {
    let raw = fs::read(path)?;
    let hash = Sha256::digest(&raw)[..8].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let file = format!("{stem}.{hash}.{extension}");
    let packed = format!("{file}.br");

    write_once(&cache.join(&file), || Ok(raw.clone()))?;
    write_once(&cache.join(&packed), || {
        let mut bytes = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: 10, ..Default::default() };
        brotli::BrotliCompress(&mut raw.as_slice(), &mut bytes, &params)?;
        // What does not get smaller (a PNG) is not worth unpacking: an empty file says so.
        if bytes.len() >= raw.len() {
            bytes.clear();
        }
        Ok(bytes)
    })?;
    let line = format!(
        "    Asset {{ name: {name:?}, file: {file:?}, url: {url:?}, content_type: {kind:?}, \
         raw: include_bytes!({raw_path:?}), br: include_bytes!({br_path:?}) }},\n",
        url = format!("/static/{file}"),
        kind = content_type(extension)?,
        raw_path = cache.join(&file),
        br_path = cache.join(&packed),
    );
    kept.extend([file, packed]);
    Ok(line)
}

/// Makes a file unless it is there. It appears under its name only when it is whole.
fn write_once(path: &Path, bytes: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, bytes()?)?;
    fs::rename(unfinished, path)
}

/// Removes what earlier builds left behind.
fn remove_others(cache: &Path, kept: &HashSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| kept.contains(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn content_type(extension: &str) -> io::Result<&'static str> {
    Ok(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => return Err(io::Error::other("no content type is known for this ending")),
    })
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: this runs under cargo"))
}
