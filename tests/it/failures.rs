//! docs/FAILURES.md is what the program says: every code with its sentence, and the specimen that produces it.

use std::fmt::Write as _;

use baokao::identity::problem_sentences;
use baokao::payments::flags::Flag;
use baokao::{face, identity};

use crate::support::source::root;

/// How each code is produced. `card …`, `receipt …` and `face …` are what `baokao demo` draws; with `make failures` each is uploaded and its page kept as a picture, but
/// where a test is named instead.
const IDENTITY: &[(&str, &str)] = &[
    ("damaged", "a JPEG that ends early (tests/it/identity.rs)"),
    ("too_many_pixels", "a PNG of 30,000 × 30,000 pixels (tests/it/pictures.rs)"),
    ("name_differs", "card --name of somebody else"),
    ("number_differs", "card --seed of somebody else"),
    ("expired", "card --side back --until 2024-06-01"),
    ("too_small", "card --width 240 --height 180"),
    ("blurred", "card --blur 8"),
    ("dark", "card --light 0.05"),
    ("glare", "card with a white spot over the name"),
    ("cut_off", "card --scale 1, the lower quarter cut off"),
    ("not_a_card", "receipt as the front"),
    ("sides_swapped", "card --side back as the front"),
    ("same_side", "card as both sides"),
    ("copy", "card without colour"),
    ("screen", "card --moire 0.8"),
    ("number_invalid", "card --number with one wrong digit"),
    ("birth_mismatch", "card --birth another than the number's: a person decides (crates/vision/tests/it/cards.rs)"),
    ("sex_mismatch", "card --sex another than the number's: a person decides (crates/vision/tests/it/cards.rs)"),
    ("validity_unreadable", "card --side back, the term covered"),
    ("portrait_unreadable", "card without --picture: a person decides (tests/it/identity_cards.rs)"),
    ("unreadable", "card with the name covered"),
];

const FACE: &[(&str, &str)] = &[
    ("no_face", "face --fault nobody"),
    ("more_than_one_face", "two photographs side by side (crates/vision/tests/it/faces.rs)"),
    ("move_closer", "face --fault far"),
    ("too_close", "face --fault near"),
    ("off_centre", "face --fault aside"),
    ("too_dark", "face --fault dark"),
    ("too_bright", "face --fault bright"),
    ("backlit", "face --fault backlit"),
    ("blurred", "face --fault blurred"),
    ("eyes_covered", "face --fault sunglasses"),
    ("mouth_covered", "face --fault mask"),
    ("portrait_too_small", "a portrait of 40 pixels (crates/vision/tests/it/faces.rs)"),
    ("no_baseline", "nobody there at first (tests/it/face/live.rs)"),
    ("unsteady_baseline", "a head that moves at first (crates/vision, face/turns)"),
    ("missing_turn", "nobody there while a turn is asked (tests/it/face/live.rs)"),
    ("not_turned", "a still before the camera (tests/browser/face.test.mjs)"),
    ("wrong_way", "turns in the other order (tests/browser/face.test.mjs)"),
    ("another_face", "somebody else in the middle (tests/browser/face.test.mjs)"),
    ("repeated", "one picture at two moments (tests/it/face/live.rs)"),
    ("replayed", "frames of an earlier session (tests/it/face/live.rs)"),
    ("different_person", "somebody else who turns as asked (tests/it/face/live.rs)"),
    ("unsure", "a similarity between the thresholds (tests/it/face)"),
    ("no_portrait", "an account whose card had no portrait (tests/it/face)"),
    ("not_live", "a good photograph that is uploaded"),
    ("stored_elsewhere", "a face that another account has (tests/it/face/stored.rs)"),
    ("no_machine", "no models installed (tests/it/face/live.rs)"),
    ("unreadable", "a frame that is no picture (tests/it/face/live.rs)"),
];

const ORDER: &[(&str, &str)] = &[
    ("broken_picture", "a JPEG that ends early (tests/it/payments.rs)"),
    ("transfer_to_person", "receipt --kind transfer"),
    ("not_read", "no models installed (tests/it/payments.rs)"),
    ("not_a_receipt", "card as the screenshot"),
    ("not_paid", "receipt --status 待付款"),
    ("status_missing", "receipt --cut-top"),
    ("refunded", "receipt --refunded, all of it"),
    ("partly_refunded", "receipt --refunded, a part of it"),
    ("several_orders", "two receipts below each other"),
    ("amount_differs", "receipt --amount another than the fee"),
    ("paid_outside", "receipt --time before the registration opened"),
    ("transaction_mismatch", "a printed date that is not the number's (tests/it/payments_flags.rs)"),
    ("payee_differs", "receipt --payee another"),
    ("corrected", "what was read is changed in the form (tests/it/payments_flags.rs)"),
    ("same_transaction", "the number of another's proof (tests/it/payments_flags.rs)"),
    ("same_picture", "the picture of another's proof (tests/it/payments_flags.rs)"),
    ("similar_picture", "another copy of that picture (tests/it/payments_flags.rs)"),
    ("looks_edited", "receipt --edited ground"),
];

const HEAD: &str = "# What can be wrong, and what people read

One table a reader: the code as it stands in the command line's JSON, the history and the audit; the sentence that the candidate reads (braces are filled in: `{照片}` which picture, `{读到}` what was
read, `{登记}` what was registered); what staff read where it differs; and a specimen that produces it. `make failures` draws the specimens, uploads them in the demo and keeps a picture of each page in
`screenshots/failures`. Written by `tests/it/failures.rs` (`BAOKAO_WRITE_DOCS=1`), which fails where a code is missing or a sentence has changed.
";

fn specimen(of: &'static [(&str, &str)], code: &str) -> &'static str {
    of.iter().find(|(known, _)| *known == code).unwrap_or_else(|| panic!("{code} has no specimen")).1
}

fn table() -> String {
    let mut out = HEAD.to_owned();
    let head = "| code | what the candidate reads | what staff read | specimen |\n| --- | --- | --- | --- |\n";
    write!(out, "\n## Identity documents\n\n<!-- identity -->\n\n{head}").unwrap();
    for (code, sentence) in problem_sentences() {
        writeln!(out, "| `{code}` | {sentence} | the same | {} |", specimen(IDENTITY, code)).unwrap();
    }
    out += "\nA doubt is no failure: the candidate reads that a person looks, the reviewer what to look at.\n\n| code | what the reviewer reads |\n| --- | --- |\n";
    for doubt in identity::Doubt::ALL {
        writeln!(out, "| `{}` | {} |", doubt.code(), doubt.sentence()).unwrap();
    }
    write!(out, "\n## Faces\n\n<!-- face -->\n\n{head}").unwrap();
    for (code, result, staff) in face::words::all() {
        writeln!(out, "| `{code}` | {result} | {staff} | {} |", specimen(FACE, code)).unwrap();
    }
    write!(out, "\n## Order screenshots\n\nNone of these but the first two refuses: the candidate may hand it in, and a person looks.\n\n<!-- order -->\n\n{head}").unwrap();
    for flag in Flag::ALL {
        writeln!(out, "| `{}` | {} | {} | {} |", flag.code(), flag.advice(), flag.note(), specimen(ORDER, flag.code())).unwrap();
    }
    out
}

#[test]
fn the_table_of_failures_is_what_the_program_says() {
    let path = root().join("docs/FAILURES.md");
    let (wanted, found) = (table(), std::fs::read_to_string(&path).unwrap_or_default());
    if std::env::var_os("BAOKAO_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    } else {
        assert!(wanted == found, "docs/FAILURES.md is out of date: run this test with BAOKAO_WRITE_DOCS=1");
    }
    let counts = [(IDENTITY.len(), problem_sentences().len()), (FACE.len(), face::words::all().count()), (ORDER.len(), Flag::ALL.len())];
    assert!(counts.iter().all(|(specimens, codes)| specimens == codes), "a specimen of a code that is gone: {counts:?}");
}
