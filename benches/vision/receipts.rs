//! Order screenshots: 100 by fixed seeds in four grades, read as the product reads them; how many prints and signs say what they should.

use std::collections::BTreeMap;

use baokao_specimen::receipt::{Application, Damage, Edit, Part, Receipt, Sheet, draw, edited};
use baokao_specimen::{Fonts, encode};
use baokao_vision::{Channel, DecodeLimits, NumberPrint, ReceiptKind, ReceiptLook, ReceiptProblem, Vision, decode};

use super::assets;
use super::meter::timed;

const GRADES: [(u8, &str); 4] = [
    (1, "as the phone saved it"),
    (2, "sent through a chat"),
    (3, "small, low quality, cropped or joined"),
    (4, "photographed from another screen"),
];
const EACH: u64 = 25;
/// Other copies of the same picture, and other numbers, for the prints.
const PRINTS: u64 = 30;
/// Pictures with one value changed, of each kind.
const EDITS: u64 = 8;

/// What was wanted of a field, over all pictures of a grade.
#[derive(Default)]
struct Tally {
    /// The value is in the picture.
    shown: u32,
    right: u32,
    /// Something else was read than what is true.
    wrong: u32,
}

/// Prints the tables, in Markdown.
pub fn run() {
    let assets = assets();
    let fonts = Fonts::open(&assets.join("fonts")).expect("run `make assets`");
    let vision = Vision::open(&assets.join("models"));
    let _ = vision.read_receipt(&draw(&fonts, &Receipt::plain()).picture).expect("run `make assets`");
    println!("### Order screenshots\n");
    let looks = reading(&fonts, &vision);
    signs(&fonts, &vision, &looks);
    prints(&fonts, &vision);
}

fn reading(fonts: &Fonts, vision: &Vision) -> Vec<ReceiptLook> {
    let mut fields: BTreeMap<&str, [Tally; 4]> = BTreeMap::new();
    let (mut times, mut refunds, mut transfers, mut looks) = (vec![Vec::new(); 4], [0; 2], [0; 2], Vec::new());
    for (at, (grade, _)) in GRADES.into_iter().enumerate() {
        for number in 0..EACH {
            let seed = 1000 * u64::from(grade) + number;
            let receipt = Receipt::sample(seed);
            let sheet = Damage::grade(grade, seed).apply(&draw(fonts, &receipt));
            // As it is uploaded: screenshots as PNG, what went through a chat or a camera as JPEG.
            let file = if grade == 1 { encode::png(&sheet.picture) } else { encode::jpeg(&sheet.picture, 90) };
            let (look, spent) = timed(|| {
                let picture = decode(&file, &DecodeLimits::screenshot()).expect("a picture");
                vision.look_at_receipt(&picture).expect("models")
            });
            times[at].push(spent.processor_ms);
            for (name, shown, is_right, is_read) in judge(&receipt, &sheet, &look) {
                let tally = &mut fields.entry(name).or_default()[at];
                tally.shown += u32::from(shown);
                tally.right += u32::from(shown && is_right);
                let is_wrong = is_read && !is_right;
                tally.wrong += u32::from(is_wrong);
                if is_wrong {
                    eprintln!("wrong: grade {grade}, seed {seed}, {name}: {:?}", look.reading);
                }
            }
            if receipt.is_transfer {
                transfers[0] += 1;
                transfers[1] += u32::from(look.reading.kind == ReceiptKind::Transfer);
            }
            if receipt.refunded_fen > 0 && (sheet.shows(Part::Status) || receipt.application == Application::Alipay) {
                refunds[0] += 1;
                let told = [ReceiptProblem::Refunded, ReceiptProblem::PartlyRefunded];
                refunds[1] += u32::from(look.reading.problems.iter().any(|problem| told.contains(problem)));
            }
            looks.push(look);
        }
    }
    println!("{EACH} a grade. A cell: values read right of those the picture shows; in brackets wrong ones, where there are any.\n");
    print!("| field |");
    for (grade, what) in GRADES {
        print!(" {grade}: {what} |");
    }
    println!("\n| --- |{}", " ---: |".repeat(GRADES.len()));
    let mut wrong = 0;
    for (name, tallies) in &fields {
        print!("| {name} |");
        for tally in tallies {
            let mark = if tally.wrong > 0 { format!(" (**{}**)", tally.wrong) } else { String::new() };
            print!(" {} / {}{mark} |", tally.right, tally.shown);
            wrong += tally.wrong;
        }
        println!();
    }
    print!("| time, processor ms, median (most) |");
    for times in &mut times {
        times.sort_by(f64::total_cmp);
        print!(" {:.0} ({:.0}) |", times[times.len() / 2], times.last().copied().unwrap_or_default());
    }
    println!(
        "\n\nWrong values: **{wrong}** of {} read. Transfers known as such: {} of {}. Refunds said: {} of {}.\n",
        { fields.values().flatten().map(|tally| tally.right + tally.wrong).sum::<u32>() },
        transfers[1],
        transfers[0],
        refunds[1],
        refunds[0]
    );
    looks
}

/// Field, whether the picture shows it, whether it was read right, whether anything was read.
fn judge(receipt: &Receipt, sheet: &Sheet, look: &ReceiptLook) -> Vec<(&'static str, bool, bool, bool)> {
    let reading = &look.reading;
    let channel = if receipt.application == Application::Wechat { Channel::Wechat } else { Channel::Alipay };
    let text = |value: &Option<String>, expected: &str| value.as_deref().is_some_and(|value| plain(value) == plain(expected));
    let paid_at = receipt.paid_at.strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string();
    vec![
        ("amount", sheet.shows(Part::Amount), reading.amount_fen == Some(receipt.amount_fen as i64), reading.amount_fen.is_some()),
        ("time", sheet.shows(Part::PaidAt), reading.paid_at.as_deref() == Some(&paid_at), reading.paid_at.is_some()),
        ("transaction", sheet.shows(Part::Transaction), text(&reading.transaction, &receipt.transaction), reading.transaction.is_some()),
        ("order", sheet.shows(Part::Order), text(&reading.order, &receipt.order), reading.order.is_some()),
        // The heading of a transfer names the person, and of it no place is kept.
        (
            "payee",
            sheet.shows(Part::Payee) || (receipt.is_transfer && text(&reading.payee, &receipt.payee)),
            text(&reading.payee, &receipt.payee),
            reading.payee.is_some(),
        ),
        ("channel", true, reading.channel == channel, reading.channel != Channel::Other),
    ]
}

/// Without blanks and with signs of one width.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .collect()
}

fn signs(fonts: &Fonts, vision: &Vision, clean: &[ReceiptLook]) {
    let raising = clean.iter().filter(|look| !look.signs.is_empty()).count();
    println!("Signs of editing, for a person to look at. Unedited, grades 1–4: {raising} of {} pictures raise one.\n", clean.len());
    println!("| edit of one value | noticed | at the value |\n| --- | ---: | ---: |");
    for edit in Edit::ALL {
        let (mut noticed, mut placed) = (0, 0);
        for number in 0..EDITS {
            let seed = 9000 + number;
            let genuine = Receipt { is_transfer: false, refunded_fen: 0, enlarged: 1.0, ..Receipt::sample(seed) };
            let (part, field) =
                [(Part::Transaction, "transaction"), (Part::PaidAt, "paid_at"), (Part::Amount, "amount_fen")][number as usize % 3];
            let last = genuine.transaction.len() - 6;
            let forged = Receipt {
                transaction: format!("{}{}", &genuine.transaction[..last], "730618"),
                paid_at: genuine.paid_at.with().minute((genuine.paid_at.minute() + 17) % 60).build().expect("a time"),
                amount_fen: genuine.amount_fen + 1000,
                ..genuine.clone()
            };
            let sheet = edited(fonts, &genuine, &forged, part, edit, seed);
            let look = vision.look_at_receipt(&sheet.picture).expect("models");
            noticed += u32::from(!look.signs.is_empty());
            placed += u32::from(look.signs.iter().any(|sign| sign.field == field));
        }
        println!("| {edit:?} | {noticed} / {EDITS} | {placed} / {EDITS} |");
    }
    println!();
}

fn prints(fonts: &Fonts, vision: &Vision) {
    let look = |sheet: &Sheet, damage: &Damage| vision.look_at_receipt(&damage.apply(sheet).picture).expect("models").transaction_print;
    let copies = [
        ("saved again, JPEG 60", Damage { jpeg_quality: 60, ..Damage::none() }),
        ("shrunk to 640, JPEG 50", Damage { width: 640, jpeg_quality: 50, ..Damage::none() }),
        ("status bar cut off, JPEG 75", Damage { cut_top: 0.045, jpeg_quality: 75, ..Damage::none() }),
        ("photographed from a screen", Damage { photographed: 0.4, seed: 5, ..Damage::none() }),
    ];
    println!(
        "The print of the transaction number, of {} bits; the same from a distance of {} down.\n",
        8 * baokao_vision::receipt::PRINT_BYTES,
        NumberPrint::SAME
    );
    println!(
        "| against the first picture | distance, median (extreme) | taken as the same | of these found by a band |\n| --- | ---: | ---: | ---: |"
    );
    let firsts: Vec<(Receipt, NumberPrint)> = (0..PRINTS)
        .filter_map(|number| {
            let receipt = Receipt { refunded_fen: 0, is_transfer: false, ..Receipt::sample(7000 + number) };
            let print = look(&draw(fonts, &receipt), &Damage::none())?;
            Some((receipt, print))
        })
        .collect();
    for (name, damage) in &copies {
        let pairs = firsts.iter().filter_map(|(receipt, first)| Some((*first, look(&draw(fonts, receipt), damage)?)));
        row(name, pairs.collect(), u32::max);
    }
    let tail = |receipt: &Receipt, digits: usize| {
        let at = receipt.transaction.len() - digits;
        let other: String = receipt.transaction[at..].bytes().map(|digit| char::from(b'0' + (digit - b'0' + 3) % 10)).collect();
        Receipt { transaction: format!("{}{other}", &receipt.transaction[..at]), ..receipt.clone() }
    };
    for digits in [10, 5, 3] {
        let pairs =
            firsts.iter().filter_map(|(receipt, first)| Some((*first, look(&draw(fonts, &tail(receipt, digits)), &Damage::none())?)));
        row(&format!("another number, the last {digits} digits differ"), pairs.collect(), u32::min);
    }
    let others = (0..firsts.len()).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| (firsts[a].1, firsts[b].1));
    row("any two of the others", others.collect(), u32::min);
}

fn row(name: &str, pairs: Vec<(NumberPrint, NumberPrint)>, extreme: fn(u32, u32) -> u32) {
    let mut distances: Vec<u32> = pairs.iter().map(|(a, b)| a.distance(b)).collect();
    distances.sort_unstable();
    let same: Vec<_> = pairs.iter().filter(|(a, b)| a.distance(b) <= NumberPrint::SAME).collect();
    let found = same.iter().filter(|(a, b)| a.bands().iter().zip(b.bands()).any(|(a, b)| *a == b)).count();
    let most = distances.iter().copied().reduce(extreme).unwrap_or_default();
    println!("| {name} | {} ({most}) | {} / {} | {found} |", distances.get(distances.len() / 2).unwrap_or(&0), same.len(), pairs.len());
}
