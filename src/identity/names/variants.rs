//! Characters that are one another's variants: simplified and traditional, regional, Japanese. A card may print another one than the candidate types.

/// `scripts/make-variants.sh` makes it, and names its source at its head: a character, a space, those of its variants that come after it.
const TABLE: &str = include_str!("variants.txt");

/// Whether one is a variant of the other. Of a character and itself: no.
pub(super) fn are_variants(a: char, b: char) -> bool {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    first != second && groups().any(|(head, others)| head == first && others.contains(second))
}

fn groups() -> impl Iterator<Item = (char, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (head, others) = line.split_once(' ')?;
        Some((head.chars().next()?, others))
    })
}

/// Every pair.
#[cfg(test)]
pub(super) fn pairs() -> impl Iterator<Item = (char, char)> {
    groups().flat_map(|(head, others)| others.chars().map(move |other| (head, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_known_both_ways_and_nothing_is_its_own_variant() {
        let mut last = '\0';
        let mut count = 0;
        for (head, others) in groups() {
            assert!(last < head, "{head} is out of order or stands twice");
            last = head;
            for other in others.chars() {
                assert!(head < other, "{head} {other}");
                count += 1;
            }
        }
        assert!(count > 4_000, "{count}");
        for (a, b) in [('于', '於'), ('着', '著'), ('峰', '峯'), ('国', '國'), ('龍', '竜'), ('龙', '龍'), ('升', '昇')] {
            assert!(are_variants(a, b) && are_variants(b, a), "{a}{b}");
            assert!(!are_variants(a, a), "{a}");
        }
        assert!(!are_variants('三', '叁') && !are_variants('张', '国'));
    }
}
