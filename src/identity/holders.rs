//! One person, one account: a resident of Hong Kong, Macau or Taiwan may register with the travel permit and again with the residence permit, whose back carries the travel
//! permit's number. The two accounts are shown to a person, never refused by themselves.

use super::store;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::types::{DocumentKind, DocumentNumber};

/// What a permit's number is looked up by.
const CONTEXT: &str = "identity.holder";

/// The travel permit of an account's holder: the account's own number, or what was read on the back of a residence permit.
pub(super) fn permit(number: &DocumentNumber, on_the_back: Option<&str>, today: jiff::civil::Date) -> Option<DocumentNumber> {
    match number.kind() {
        DocumentKind::HongKongMacauPermit | DocumentKind::TaiwanPermit => Some(number.clone()),
        DocumentKind::ResidencePermit => {
            let text = on_the_back?;
            let is_taiwan = text.starts_with(|c: char| c.is_ascii_digit());
            let kind = if is_taiwan { DocumentKind::TaiwanPermit } else { DocumentKind::HongKongMacauPermit };
            DocumentNumber::parse(kind, text, today).ok()
        }
        DocumentKind::ResidentCard | DocumentKind::ForeignPermanentResident | DocumentKind::Passport => None,
    }
}

/// Keeps the holder's permit of an account, and says whether another account has it too.
pub(super) async fn keep(app: &App, tx: &mut Tx, account: i64, permit: &DocumentNumber) -> Result<bool> {
    // A renewal has the same key.
    let hash = app.keys.lookup(CONTEXT, &permit.account_key());
    store::holders::keep(tx, account, hash).await?;
    Ok(!store::holders::others(tx, account).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn number(kind: DocumentKind, text: &str) -> DocumentNumber {
        DocumentNumber::parse(kind, text, date(2026, 6, 20)).expect("a number")
    }

    #[test]
    fn both_documents_of_a_person_name_the_same_permit() {
        let today = date(2026, 6, 20);
        let residence = number(DocumentKind::ResidencePermit, "810000199803080019");
        for (kind, text, renewed) in
            [(DocumentKind::HongKongMacauPermit, "H99998801", "H9999880102"), (DocumentKind::TaiwanPermit, "99998802", "99998802")]
        {
            let own = permit(&number(kind, text), None, today).expect("a permit");
            let on_the_back = permit(&residence, Some(renewed), today).expect("a permit");
            assert_eq!(own.account_key(), on_the_back.account_key(), "{text}");
        }
        assert!(permit(&residence, Some("no number"), today).is_none() && permit(&residence, None, today).is_none());
        assert!(permit(&number(DocumentKind::ResidentCard, "11010519491231002X"), Some("H99998801"), today).is_none());
    }
}
