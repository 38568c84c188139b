//! How the numbers on screenshots look, for finding another copy of the same picture.

use baokao_vision::NumberPrint;

/// Which number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintField {
    /// 交易单号
    Transaction,
    /// 商户单号
    Order,
}

impl PrintField {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Order => "order",
        }
    }
}

/// How one number looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Which number it is.
    pub field: PrintField,
    /// Its bits.
    pub bits: NumberPrint,
}

impl Print {
    /// Reads a row of our own store; `None` where it is of another making.
    pub fn stored(field: &str, bits: &[u8]) -> Option<Self> {
        let field = [PrintField::Transaction, PrintField::Order].into_iter().find(|known| known.code() == field)?;
        Some(Self { field, bits: NumberPrint::from_bytes(bits)? })
    }

    /// What it is looked up by: field, band and the band's bits in one number each.
    pub fn bands(&self) -> impl Iterator<Item = i64> {
        let field = match self.field {
            PrintField::Transaction => 0,
            PrintField::Order => 1,
        };
        (0..).zip(self.bits.bands()).map(move |(at, bits): (i64, u16)| (((field << 8) | at) << 16) | i64::from(bits))
    }

    /// Whether two show the same number.
    pub fn is_near(&self, other: &NumberPrint) -> bool {
        self.bits.distance(other) <= NumberPrint::SAME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_of_different_fields_and_places_are_different() {
        let bits = NumberPrint::from_bytes(&[7; 32]).expect("32 bytes");
        let of = |field| Print { field, bits }.bands().collect::<Vec<_>>();
        let mut all = [of(PrintField::Transaction), of(PrintField::Order)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 2 * NumberPrint::BANDS);
    }
}
