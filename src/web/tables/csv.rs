//! Lines of comma-separated values, for spreadsheets.

/// What tells a spreadsheet that the text is UTF-8.
pub const BOM: &str = "\u{feff}";

/// A line: each cell quoted, and never the beginning of a formula.
pub fn line<T: AsRef<str>>(cells: &[T]) -> String {
    format!("{}\r\n", cells.iter().map(|text| cell(text.as_ref())).collect::<Vec<_>>().join(","))
}

fn cell(text: &str) -> String {
    let harmless = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{harmless}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for start in ["=1+1", "+1", "-1", "@A1", "\t=1"] {
            assert!(cell(start).starts_with("\"'"), "{start}");
        }
        assert_eq!(line(&["张\"三\"", "1"]), "\"张\"\"三\"\"\",\"1\"\r\n");
    }
}
