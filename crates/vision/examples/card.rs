//! Prints what cards say, with times: `cargo run -p baokao-vision --example card -- MODELS front|decide|back PICTURE…`.

use std::time::Instant;

use baokao_vision::{DecodeLimits, Vision, decode};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let vision = Vision::open(arguments.next().ok_or("the folder of the models is missing")?.as_ref());
    let side = arguments.next().unwrap_or_default();
    for file in arguments {
        let picture = decode(&std::fs::read(&file)?, &DecodeLimits::default())?;
        let started = Instant::now();
        let reading = match side.as_str() {
            "decide" => vision.decide_card(Some(&picture), None)?,
            "front" => vision.read_card(Some(&picture), None)?,
            _ => vision.read_card(None, Some(&picture))?,
        };
        println!("{file} {:?} {}", started.elapsed(), serde_json::to_string(&reading)?);
    }
    Ok(())
}
