//! Prints what the face gates say about pictures, and how like each two of them are:
//! `cargo run -p baokao-vision --example faces -- MODELS PICTURE…`.

use std::time::Instant;

use baokao_vision::{DecodeLimits, Vision, decode};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let vision = Vision::open(arguments.next().ok_or("the folder of the models is missing")?.as_ref());
    let mut seen = Vec::new();
    for file in arguments {
        let picture = decode(&std::fs::read(&file)?, &DecodeLimits::default())?;
        let started = Instant::now();
        let check = vision.check_face(&picture)?;
        println!("{file} {}x{}: {} in {:?}", picture.width(), picture.height(), serde_json::to_string(&check)?, started.elapsed());
        seen.push((file, picture));
    }
    for (index, (file, picture)) in seen.iter().enumerate() {
        for (other_file, other) in &seen[index + 1..] {
            let started = Instant::now();
            let comparison = vision.compare_faces(picture, other)?;
            println!("{file} {other_file}: {} in {:?}", serde_json::to_string(&comparison)?, started.elapsed());
        }
    }
    Ok(())
}
