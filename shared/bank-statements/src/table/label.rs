//! Labels of the lines around a table: account, period, opening and closing balance, totals.

use crate::text;

/// What a label is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Opening,
    Closing,
    /// A balance carried over a page break, to the next page or from the one before.
    Carried,
    Brought,
    TotalDebits,
    TotalCredits,
    DebitCount,
    CreditCount,
    Count,
    /// A total whose columns say of what.
    Total,
    Account,
    Holder,
    Period,
    PeriodFrom,
    PeriodTo,
    Currency,
    Bank,
    /// A balance that is neither opening nor closing.
    OtherBalance,
}

/// Labels as `folded` gives them; a longer one stands before one that it begins with.
const LABELS: [(Label, &[&str]); 18] = [
    (
        Label::Opening,
        &[
            "opening balance",
            "op balance",
            "op bal",
            "beginning balance",
            "starting balance",
            "previous balance",
            "balance at start",
            "start balance",
            "balance brought down",
            "opening bal",
            "initial balance",
            "balance as of start",
            "anfangssaldo",
            "anfangsbestand",
            "alter kontostand",
            "alter saldo",
            "kontostand alt",
            "saldovortrag",
            "startsaldo",
            "saldo inicial",
            "saldo anterior",
            "solde initial",
            "solde precedent",
            "ancien solde",
            "solde d ouverture",
            "saldo iniziale",
            "saldo precedente",
            "beginsaldo",
            "vorig saldo",
            "prarambhik shesh",
            "prarambhik rashi",
            "ingaende saldo",
            "opening ledger balance",
            "balance from last statement",
            "last statement balance",
        ],
    ),
    (
        Label::Closing,
        &[
            "closing balance",
            "cl balance",
            "clos bal",
            "closing bal",
            "ending balance",
            "new balance",
            "final balance",
            "balance at end",
            "end balance",
            "endsaldo",
            "endbestand",
            "neuer kontostand",
            "neuer saldo",
            "kontostand neu",
            "schlusssaldo",
            "saldo final",
            "saldo actual",
            "saldo fin",
            "solde final",
            "nouveau solde",
            "solde de cloture",
            "solde de fin",
            "saldo finale",
            "eindsaldo",
            "nieuw saldo",
            "antim shesh",
            "antim rashi",
            "utgaende saldo",
            "closing ledger balance",
        ],
    ),
    (
        Label::Carried,
        &[
            "carried forward",
            "balance carried forward",
            "balance c f",
            "c f",
            "carried over",
            "ubertrag auf",
            "zwischensaldo",
            "suma y sigue",
            "a reporter",
            "solde a reporter",
            "bal c f",
            "to be carried forward",
            "transport a reporter",
        ],
    ),
    (
        Label::Brought,
        &[
            "brought forward",
            "balance brought forward",
            "balance b f",
            "b f",
            "brought over",
            "ubertrag von",
            "ubertrag",
            "report",
            "solde reporte",
            "suma anterior",
            "bal b f",
            "riporto",
            "transport",
        ],
    ),
    (
        Label::DebitCount,
        &[
            "number of debits",
            "no of debits",
            "debit count",
            "dr count",
            "count of debits",
            "no of withdrawals",
            "number of withdrawals",
            "anzahl soll",
            "anzahl lastschriften",
            "total debit count",
            "no of dr",
        ],
    ),
    (
        Label::CreditCount,
        &[
            "number of credits",
            "no of credits",
            "credit count",
            "cr count",
            "count of credits",
            "no of deposits",
            "number of deposits",
            "anzahl haben",
            "anzahl gutschriften",
            "total credit count",
            "no of cr",
        ],
    ),
    (
        Label::Count,
        &[
            "number of transactions",
            "no of transactions",
            "transaction count",
            "total transactions",
            "anzahl buchungen",
            "anzahl umsatze",
            "number of entries",
            "numero de movimientos",
            "nombre d operations",
        ],
    ),
    (
        Label::TotalDebits,
        &[
            "total debits",
            "total debit",
            "total withdrawals",
            "total withdrawal",
            "debits total",
            "total paid out",
            "total money out",
            "total dr",
            "total payments",
            "summe soll",
            "summe belastungen",
            "summe lastschriften",
            "summe ausgaben",
            "summe ausgange",
            "total cargos",
            "total debe",
            "total debitos",
            "total debito",
            "total des debits",
            "total debit amount",
            "total uscite",
            "kul nikasi",
            "kul naame",
            "total dare",
            "withdrawals total",
            "total sorties",
            "total retraits",
        ],
    ),
    (
        Label::TotalCredits,
        &[
            "total credits",
            "total credit",
            "total deposits",
            "total deposit",
            "credits total",
            "total paid in",
            "total money in",
            "total cr",
            "total receipts",
            "summe haben",
            "summe gutschriften",
            "summe einnahmen",
            "summe eingange",
            "total abonos",
            "total haber",
            "total creditos",
            "total credito",
            "total des credits",
            "total credit amount",
            "total entrate",
            "kul jama",
            "total avere",
            "deposits total",
            "total entrees",
            "total versements",
        ],
    ),
    (
        Label::Total,
        &[
            "total",
            "totals",
            "grand total",
            "sum",
            "summe",
            "summen",
            "gesamt",
            "gesamtsumme",
            "totales",
            "totaux",
            "totale",
            "totaal",
            "kul",
            "kul yog",
            "yog",
            "statement total",
        ],
    ),
    (
        Label::Account,
        &[
            "account number",
            "account no",
            "account num",
            "a c number",
            "a c no",
            "ac no",
            "acct no",
            "acct number",
            "account iban",
            "account",
            "iban",
            "kontonummer",
            "konto nr",
            "konto",
            "numero de cuenta",
            "n de cuenta",
            "cuenta",
            "numero de compte",
            "n de compte",
            "compte n",
            "compte",
            "rekeningnummer",
            "rekening",
            "numero conto",
            "conto",
            "khata sankhya",
            "khata no",
            "primary account number",
            "account id",
        ],
    ),
    (
        Label::Holder,
        &[
            "account holder",
            "account name",
            "account holder name",
            "customer name",
            "name of account holder",
            "holder",
            "name",
            "kontoinhaber",
            "titular",
            "titulaire",
            "intestatario",
            "khatadharak",
            "client",
            "kunde",
            "customer",
        ],
    ),
    (
        Label::PeriodFrom,
        &[
            "from date",
            "period from",
            "statement from",
            "start date",
            "date from",
            "von",
            "desde",
            "du",
            "from",
            "begin date",
            "dal",
        ],
    ),
    (
        Label::PeriodTo,
        &["to date", "period to", "statement to", "end date", "date to", "bis", "hasta", "au", "to", "al"],
    ),
    (
        Label::Period,
        &[
            "statement period",
            "period",
            "statement of account for the period",
            "for the period",
            "period covered",
            "zeitraum",
            "abrechnungszeitraum",
            "periodo",
            "periode",
            "avadhi",
            "transaction period",
            "statement dates",
            "date range",
            "statement date range",
            "buchungszeitraum",
            "searched period",
        ],
    ),
    (
        Label::Currency,
        &[
            "currency",
            "account currency",
            "ccy",
            "wahrung",
            "divisa",
            "moneda",
            "devise",
            "valuta",
            "mudra",
            "kontowahrung",
        ],
    ),
    (Label::Bank, &["bank", "bank name", "branch", "ifsc", "ifsc code", "blz", "bic", "banco", "banque", "filiale"]),
    (
        Label::OtherBalance,
        &[
            "available balance",
            "page total",
            "average balance",
            "minimum balance",
            "current balance",
            "ledger balance",
            "balance",
            "kontostand",
            "saldo",
            "solde",
            "verfugbarer betrag",
            "saldo disponible",
            "solde disponible",
            "overdraft limit",
            "sanctioned limit",
            "drawing power",
        ],
    ),
];

/// The label that a text is, if it is one and nothing else.
pub(crate) fn whole(text: &str) -> Option<Label> {
    let folded = text::folded(text);
    let folded = folded.strip_prefix("your ").unwrap_or(&folded);
    if folded.is_empty() || folded.len() > 60 {
        return None;
    }
    let of = |name: &str| LABELS.iter().find(|(_, names)| names.contains(&name)).map(|(label, _)| *label);
    // `Beginning balance as of 04/01/2026`.
    of(folded).or_else(|| {
        let (name, date) = [" as of ", " on ", " per ", " vom ", " am ", " au ", " al "]
            .iter()
            .find_map(|word| folded.split_once(word))?;
        let is_date = date.split(' ').all(|word| word.chars().all(|c| c.is_ascii_digit()) || word.len() >= 3)
            && date.contains(|c: char| c.is_ascii_digit());
        of(name).filter(|label| is_date && matches!(label, Label::Opening | Label::Closing | Label::OtherBalance))
    })
}

/// The label that a text begins with, and what follows it.
pub(crate) fn leading(text: &str) -> Option<(Label, &str)> {
    let mut found: Option<(usize, Label, &str)> = None;
    // Only as far as a label can be long.
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(48);
    for end in ends {
        let next = text[end..].chars().next();
        let last = text[..end].chars().last();
        let cuts_word = next.is_some_and(char::is_alphanumeric) && last.is_some_and(char::is_alphanumeric);
        if cuts_word || !last.is_some_and(char::is_alphanumeric) {
            continue;
        }
        if let Some(label) = whole(&text[..end]) {
            found = Some((
                end,
                label,
                text[end..].trim_start_matches(|c: char| !c.is_alphanumeric() && !"-+(₹€£$\u{2212}.".contains(c)),
            ));
        }
    }
    found.map(|(_, label, rest)| (label, rest.trim_start_matches(". ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_are_told_from_other_text() {
        assert_eq!(whole("OPENING BALANCE"), Some(Label::Opening));
        assert_eq!(whole("Balance B/F"), Some(Label::Brought));
        assert_eq!(whole("Solde précédent :"), Some(Label::Opening));
        assert_eq!(whole("Opening balance transfer to savings"), None);
        assert_eq!(leading("Account No: 00123"), Some((Label::Account, "00123")));
        assert_eq!(leading("A/C No. DKT00120012"), Some((Label::Account, "DKT00120012")));
        assert_eq!(leading("Total withdrawals 4,95,000.00"), Some((Label::TotalDebits, "4,95,000.00")));
        assert_eq!(leading("Closing balance: -12.00"), Some((Label::Closing, "-12.00")));
        assert_eq!(leading("Accountant"), None);
    }

    proptest! {
        #[test]
        fn any_text_has_a_label_or_none(text in any::<String>(), tail in any::<String>()) {
            leading(&text);
            leading(&format!("Total {tail}"));
        }
    }
}
