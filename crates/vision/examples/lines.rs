//! Prints the lines of text of pictures, with times: `cargo run -p baokao-vision --example lines -- MODELS PICTURE…`.

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let vision = baokao_vision::Vision::open(arguments.next().ok_or("the folder of the models is missing")?.as_ref());
    for file in arguments {
        let started = Instant::now();
        let picture = baokao_vision::decode(&std::fs::read(&file)?, &baokao_vision::DecodeLimits::default())?;
        println!("{file} {}x{} decoded in {:?}", picture.width(), picture.height(), started.elapsed());
        let started = Instant::now();
        for (text, [left, top, right, bottom], sure) in vision.lines(&picture, 640)? {
            println!("  {left:5.0} {top:5.0} {right:5.0} {bottom:5.0}  {sure:.3}  {text}");
        }
        println!("  read in {:?}", started.elapsed());
    }
    Ok(())
}
