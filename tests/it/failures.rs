//! docs/FAILURES.md is what the program says: every code with its sentence, and the specimen that produces it.

use std::fmt::Write as _;

use baokao::identity::problem_sentences;
use baokao::payments::flags::Flag;
use baokao::{face, identity};

use crate::support::source::root;

/// How each code is produced. `card …`, `receipt …` and `face …` are what `baokao demo` draws; `make failures` uploads each, or shows it to the
/// camera, and keeps a picture of its page.
const IDENTITY: &[(&str, &str)] = &[
    ("damaged", "a JPEG that ends after its head: refused where it is chosen, in much the same words"),
    ("too_many_pixels", "a PNG of 30,000 × 30,000 pixels: refused where it is chosen, in much the same words"),
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
    ("birth_mismatch", "card --birth another than the number's: a person decides, and the candidate reads 人工审核中"),
    ("sex_mismatch", "card --sex another than the number's: a person decides, and the candidate reads 人工审核中"),
    ("validity_unreadable", "card --side back, the term covered"),
    ("portrait_unreadable", "card without --picture"),
    ("unreadable", "card with the name covered"),
];

const FACE: &[(&str, &str)] = &[
    ("no_face", "face --fault nobody"),
    ("more_than_one_face", "two photographs side by side"),
    ("move_closer", "face --fault far"),
    ("too_close", "face --fault near"),
    ("off_centre", "face --fault aside"),
    ("too_dark", "face --fault dark"),
    ("too_bright", "face --fault bright"),
    ("backlit", "face --fault backlit"),
    ("blurred", "face --fault blurred"),
    ("eyes_covered", "face --fault sunglasses"),
    ("mouth_covered", "face --fault mask"),
    ("portrait_too_small", "card --picture of a face far away, and the same person before the camera"),
    ("no_baseline", "before the camera: nobody there at first"),
    ("unsteady_baseline", "before the camera: a head that moves at first"),
    ("missing_turn", "before the camera: nobody there while a turn is asked"),
    ("not_turned", "before the camera: a still"),
    ("wrong_way", "before the camera: turns in the other order"),
    ("another_face", "before the camera: somebody else in the middle"),
    ("repeated", "before the camera: one picture at two moments"),
    ("replayed", "before the camera: a frame of an earlier session"),
    ("different_person", "before the camera: somebody else who turns as asked"),
    ("unsure", "the same as portrait_too_small: a small portrait is never enough by itself"),
    ("no_portrait", "an account whose card had no portrait and was approved by a person"),
    ("not_live", "a good photograph that is uploaded"),
    ("stored_elsewhere", "a face that another account has, where faces are stored"),
    ("no_machine", "no models installed"),
    ("unreadable", "before the camera: a frame that is no picture"),
];

const ORDER: &[(&str, &str)] = &[
    ("broken_picture", "a JPEG that ends after its head"),
    ("transfer_to_person", "receipt --kind transfer"),
    ("not_read", "no models installed"),
    ("not_a_receipt", "card as the screenshot"),
    ("not_paid", "receipt --status 待付款"),
    ("status_missing", "receipt --cut-top"),
    ("refunded", "receipt --refunded, all of it"),
    ("partly_refunded", "receipt --refunded, a part of it"),
    ("several_orders", "two receipts below each other"),
    ("amount_differs", "receipt --amount another than the fee"),
    ("paid_outside", "receipt --time before the registration opened"),
    ("transaction_mismatch", "receipt --transaction with another date than --time"),
    ("payee_differs", "receipt --payee another"),
    ("corrected", "what was read is changed in the form, and the page is opened again"),
    ("same_transaction", "the number of another's proof"),
    ("same_picture", "the picture of another's proof"),
    ("similar_picture", "another copy of that picture"),
    ("looks_edited", "receipt --edited ground"),
];

const HEAD: &str = "# What can be wrong, and what people read

One table a reader: the code as it stands in the command line's JSON, the history and the audit; the sentence that the candidate reads (braces are filled in: `{照片}` which picture, `{读到}` what was
read, `{登记}` what was registered); what staff read where it differs; and a specimen that produces it. `make failures` draws the specimens, uploads them in the demo or shows them to its camera, and keeps a picture of
each page in `screenshots/failures`; it fails where a code is not shown. Written by `tests/it/failures.rs` (`BAOKAO_WRITE_DOCS=1`), which fails where a code is missing or a sentence has changed.
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
