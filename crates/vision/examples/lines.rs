//! Prints the lines of text of pictures and what they say as order screenshots, with times:
//! `cargo run -p baokao-vision --example lines -- MODELS PICTURE…`.

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let vision = baokao_vision::Vision::open(arguments.next().ok_or("the folder of the models is missing")?.as_ref());
    for file in arguments {
        let started = Instant::now();
        let picture = baokao_vision::decode(&std::fs::read(&file)?, &baokao_vision::DecodeLimits::default())?;
        println!("{file} {}x{} decoded in {:?}", picture.width(), picture.height(), started.elapsed());
        let started = Instant::now();
        let lines = vision.lines(&picture)?;
        let elapsed = started.elapsed();
        for line in &lines {
            println!("  {:5.0} {:5.0} {:5.0} {:5.0}  {}", line.left, line.top, line.right, line.bottom, line.text);
        }
        println!("  read in {elapsed:?}: {}", serde_json::to_string(&baokao_vision::receipt::parse(&lines))?);
    }
    Ok(())
}
