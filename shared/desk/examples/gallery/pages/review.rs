//! Reviews in several states.

use desk::page::{
    Access, Amount, Decision, LineItem, Neighbour, Proposal, QuestionItem, ReviewClaim, ReviewItem, ReviewPage,
    RowChoice,
};
use domain::person::Role;
use domain::service::ServiceCode;

use super::{ago, frame, id, now, run};

/// Every review by name.
pub fn all() -> Vec<(&'static str, String)> {
    let read = |why: &str| ReviewPage { access: Access::Read(why.to_owned()), ..review(6) };
    vec![
        ("review", review(30).render()),
        ("review-unclaimed", ReviewPage { claim: None, ..review(3) }.render()),
        ("review-held", ReviewPage { claim: Some(claim(false)), ..review(3) }.render()),
        ("review-read-only", read("You made this order. Somebody else decides its review.").render()),
        ("review-many", review(70).render()),
        ("review-empty", ReviewPage { items: Vec::new(), ..review(0) }.render()),
    ]
}

fn claim(is_own: bool) -> ReviewClaim {
    let by = if is_own { "m.rao@rao.example" } else { "s.iyer@rao.example" };
    ReviewClaim { by: by.to_owned(), is_own, until: ago(-24) }
}

fn review(lines: usize) -> ReviewPage {
    let mut items = vec![question(0), question(1)];
    items.extend((0..lines).map(line));
    ReviewPage {
        frame: frame(&[Role::Reviewer], true),
        idempotency_key: "01KB9Z3V5T8Q4M7N2P6R9S1W3X".to_owned(),
        now: now(),
        order_id: id(4),
        service_code: ServiceCode::Cma,
        run: run(1),
        etag: "\"17\"".to_owned(),
        access: Access::Decide,
        claim: Some(claim(true)),
        expires_at: Some("2026-12-14T07:04:12Z".parse().expect("a time")),
        saved_at: Some(ago(2)),
        items,
        rows: rows(),
    }
}

fn rows() -> Vec<RowChoice> {
    let row = |group: &str, code: &str, label: &str| RowChoice {
        code: code.to_owned(),
        label: label.to_owned(),
        group: group.to_owned(),
    };
    let mut rows = Vec::new();
    for number in 1..60 {
        rows.push(row("Form II: operating statement", &format!("II.5.{number}"), "Raw materials consumed - imported"));
    }
    for number in 1..60 {
        rows.push(row("Form III: balance sheet", &format!("III.{number}"), "Advances to suppliers of raw materials"));
    }
    rows.push(row("Left out", "X.ignore", "Not part of the forms"));
    rows
}

fn question(number: usize) -> ReviewItem {
    if number == 0 {
        return ReviewItem::Question(QuestionItem {
            line: "q-unit-d1-s1".to_owned(),
            text: "In which unit are the amounts of the balance sheet in balance-sheet.xlsx?".to_owned(),
            answers: "rupee, hundred, thousand, lakh, million or crore".to_owned(),
            printed: Some("(Amt. in Rs. '000s)".to_owned()),
            file: Some("balance-sheet.xlsx".to_owned()),
            sheet: Some("BS".to_owned()),
            cell: Some("C3".to_owned()),
            decision: None,
        });
    }
    ReviewItem::Question(QuestionItem {
        line: "q-borrower".to_owned(),
        text: "The documents name Shree Ganpati Traders and Sri Ganapathi Trading Co. Are they one borrower?"
            .to_owned(),
        answers: "same, if all names are one borrower's; otherwise order again without the other's documents"
            .to_owned(),
        decision: Some(Decision {
            row_code: "same".to_owned(),
            reason: "GST number is the same on both.".to_owned(),
            by: Some("m.rao@rao.example".to_owned()),
        }),
        ..QuestionItem::default()
    })
}

fn line(number: usize) -> ReviewItem {
    let labels = [
        "Deposits from dealers",
        "Sundry advances recoverable in cash or in kind",
        "Provision for gratuity (unfunded)",
    ];
    let label = labels[number % labels.len()];
    let amounts = ["12,45,600.00", "9,80,150.00", ""];
    let neighbour = |label: &str, is_item: bool, amounts: [&str; 3]| Neighbour {
        label: label.to_owned(),
        amounts: amounts.map(str::to_owned).to_vec(),
        is_item,
    };
    let proposal = |row_code: &str, row_label: &str, confidence_percent: u8, reason: Option<&str>| Proposal {
        row_code: row_code.to_owned(),
        row_label: row_label.to_owned(),
        confidence_percent,
        reason: reason.map(str::to_owned),
    };
    let decided = |row_code: &str, reason: &str| Decision {
        row_code: row_code.to_owned(),
        reason: reason.to_owned(),
        by: Some("m.rao@rao.example".to_owned()),
    };
    ReviewItem::Line(LineItem {
        line: format!("d1-s1-l{number}"),
        label: label.to_owned(),
        section: vec![
            "Equity and liabilities".to_owned(),
            "Current liabilities".to_owned(),
            "Other current liabilities".to_owned(),
        ],
        amounts: ["31.03.2024", "31.03.2023", "31.03.2022"]
            .iter()
            .zip(amounts)
            .map(|(column, text)| Amount { column: (*column).to_owned(), text: text.to_owned() })
            .collect(),
        file: "balance-sheet.xlsx".to_owned(),
        sheet: "BS".to_owned(),
        cell: format!("A{}", 14 + number),
        neighbours: vec![
            neighbour("Trade payables", false, ["1,84,22,310.00", "1,71,09,444.00", "1,60,00,120.00"]),
            neighbour("Statutory dues payable", false, ["3,12,008.00", "2,90,117.00", "2,75,000.00"]),
            neighbour(label, true, amounts),
            neighbour("Other payables", false, ["(4,10,000.00)", "3,95,500.00", "3,20,000.00"]),
            neighbour("Total", false, ["2,03,89,918.00", "1,87,75,211.00", "1,65,95,120.00"]),
        ],
        proposals: vec![
            proposal(
                "III.5",
                "Deposits from dealers, selling agents",
                62,
                Some("The words \"deposits\" and \"dealers\" under current liabilities."),
            ),
            proposal("III.9.ii", "Other current liabilities", 24, None),
            proposal("III.16", "Other term liabilities", 9, None),
        ],
        materiality_percent: Some(4),
        suspicion: (number == 0)
            .then(|| "Without it, liabilities would equal assets in 2024: the difference is 12,45,600.00.".to_owned()),
        decision: match number {
            1 => Some(decided("III.5", "")),
            2 => Some(decided("III.40", "A long-term provision by the notes, page 14.")),
            _ => None,
        },
    })
}

/// A review on which every text that comes from somebody else is this one.
pub fn hostile(text: &str, is_editable: bool) -> ReviewPage {
    let text_of = || text.to_owned();
    let decision = || Some(Decision { row_code: text_of(), reason: text_of(), by: Some(text_of()) });
    let question = QuestionItem {
        line: text_of(),
        text: text_of(),
        answers: text_of(),
        printed: Some(text_of()),
        file: Some(text_of()),
        sheet: Some(text_of()),
        cell: Some(text_of()),
        decision: decision(),
    };
    let mut page = review(0);
    page.items = vec![ReviewItem::Question(question), ReviewItem::Line(hostile_line(text)), line(5)];
    page.rows = vec![RowChoice { code: text_of(), label: text_of(), group: text_of() }];
    page.etag = text_of();
    if !is_editable {
        page.access = Access::Read(text_of());
        page.claim = Some(ReviewClaim { by: text_of(), ..claim(false) });
    }
    page
}

fn hostile_line(text: &str) -> LineItem {
    let text_of = || text.to_owned();
    LineItem {
        line: text_of(),
        label: text_of(),
        section: vec![text_of(), text_of()],
        amounts: vec![Amount { column: text_of(), text: text_of() }],
        file: text_of(),
        sheet: text_of(),
        cell: text_of(),
        neighbours: vec![Neighbour { label: text_of(), amounts: vec![text_of()], is_item: true }],
        proposals: vec![Proposal {
            row_code: format!("{text}?"),
            row_label: text_of(),
            confidence_percent: 1,
            reason: Some(text_of()),
        }],
        materiality_percent: None,
        suspicion: Some(text_of()),
        decision: Some(Decision { row_code: text_of(), reason: text_of(), by: Some(text_of()) }),
    }
}
