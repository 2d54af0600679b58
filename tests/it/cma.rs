//! Takes files in the forms that borrowers send through the whole pipeline, to every row of the CMA.
//!
//! The worked examples are kept beside the project; without them these tests print that they are skipped.

mod borrower;

use std::path::PathBuf;

use borrower::{Borrower, Form};
use domain::status::Status;
use rust_decimal::Decimal;
use serde_json::Value;
use tests::pipeline::{OrderRequest, Pipeline, shared_folder};

/// Allowed difference from a figure of the worked example, which is rounded.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

fn examples() -> Vec<Borrower> {
    let files = ["worked_example.csv", "worked_example_synthetic.csv"];
    let Some(shared) = shared_folder() else { return Vec::new() };
    files.iter().map(|file| Borrower::read(&shared.join("domain").join(file))).collect()
}

async fn publish_figures(files: &[(String, Vec<u8>)]) -> Value {
    let mut pipeline = Pipeline::new();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let id = pipeline.submit(&OrderRequest::cma(&files)).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Completed, "{:?}", order.failure_reason());
    let bytes = pipeline.client.artifact(&order, "figures.json").await.unwrap().expect("the figures");
    serde_json::from_slice(&bytes).unwrap()
}

/// Rows that differ from the worked example's. No input row holds the first year's repayments, so that year's debt
/// service coverage cannot be compared.
fn differences(borrower: &Borrower, published: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in &borrower.rows {
        for (year, wanted) in row.values.iter().enumerate().filter(|(year, _)| row.code != "R.dscr" || *year > 0) {
            let found = &published["figures"]["rows"][&row.code][year];
            let found: Option<Decimal> = found.as_str().and_then(|text| text.parse().ok());
            let same = match (wanted, found) {
                (Some(wanted), Some(found)) => (*wanted - found).abs() <= TOLERANCE,
                (None, None) => true,
                _ => false,
            };
            if !same {
                wrong.push(format!("{} in {}: {found:?} instead of {wanted:?}", row.code, borrower.years[year]));
            }
        }
    }
    wrong
}

fn errors(published: &Value) -> Vec<&Value> {
    let checks = published["checks"].as_array().unwrap();
    checks.iter().filter(|check| check["passed"] == false && check["severity"] == "E").collect()
}

async fn assert_every_row(form: Form, print: impl Fn(&Borrower, Form) -> Vec<(String, Vec<u8>)>) {
    for borrower in examples() {
        let published = publish_figures(&print(&borrower, form)).await;
        assert_eq!(published["figures"]["years"], serde_json::json!(borrower.years));
        let wrong = differences(&borrower, &published);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(errors(&published).is_empty(), "{:#?}", errors(&published));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sheet_per_form_yields_every_row() {
    assert_every_row(Form::default(), Borrower::workbook).await;
}

#[tokio::test(start_paused = true)]
async fn a_single_list_of_labels_yields_every_row() {
    assert_every_row(Form { is_one_list: true, ..Form::default() }, Borrower::workbook).await;
}

#[tokio::test(start_paused = true)]
async fn printed_totals_and_row_codes_do_not_change_any_figure() {
    let form = Form { has_sums: true, has_codes: true, is_one_list: true, ..Form::default() };
    assert_every_row(form, Borrower::workbook).await;
}

#[tokio::test(start_paused = true)]
async fn csv_files_with_the_latest_year_first_and_indian_amounts_yield_every_row() {
    let form = Form { is_reversed: true, is_text: true, has_sums: true, has_one_heading: true, ..Form::default() };
    assert_every_row(form, Borrower::csv).await;
}

#[tokio::test(start_paused = true)]
async fn amounts_without_a_unit_stay_as_printed() {
    assert_every_row(Form { has_no_unit: true, ..Form::default() }, Borrower::workbook).await;
}

/// A CMA that is filled in already, with totals that were never calculated and the forms that repeat the first two.
#[tokio::test(start_paused = true)]
async fn a_filled_in_cma_yields_every_row() {
    let Some(shared) = shared_folder() else { return };
    for name in ["worked_example", "worked_example_synthetic"] {
        let borrower = Borrower::read(&shared.join("domain").join(name).with_extension("csv"));
        for file in [format!("{name}.csv"), format!("{name}.xlsx")] {
            let bytes = std::fs::read(shared.join("domain").join(&file)).unwrap();
            let wrong = differences(&borrower, &publish_figures(&[(file.clone(), bytes)]).await);
            assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_sample_borrowers_statements_yield_every_row() {
    let published = publish_figures(&OrderRequest::sample().files).await;
    assert!(errors(&published).is_empty(), "{:#?}", errors(&published));
    // The sample's statements print bills discounted as a memo, and the totals of both sides.
    assert_eq!(published["figures"]["rows"]["III.1.iii"], serde_json::json!(["62", "78.4", "86.15", "95", "110"]));
    assert_eq!(published["figures"]["rows"]["III.25"][0], "1561.7");
    assert_eq!(published["figures"]["rows"]["III.43"][4], "2580.93");
    let Some(shared) = shared_folder() else { return };
    let borrower = Borrower::read(&shared.join("domain/worked_example_synthetic.csv"));
    let mut wrong = differences(&borrower, &published);
    // The statements do give the repayments, for the first year too.
    let coverage: Decimal = published["figures"]["rows"]["R.dscr"][0].as_str().unwrap().parse().unwrap();
    let wanted = borrower.rows.iter().find(|row| row.code == "R.dscr").and_then(|row| row.values[0]).unwrap();
    if (coverage - wanted).abs() > TOLERANCE {
        wrong.push(format!("R.dscr in the first year: {coverage} instead of {wanted}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn balance_sheets_of_published_filings_balance() {
    let Some(shared) = shared_folder() else { return };
    // Filings whose own lines add up to their totals in both years, and the later year's total.
    let filings = [
        ("18460658", "2505816"),
        ("18492988", "245460"),
        ("18541007", "42932"),
        ("18567441", "2448.59"),
        ("18586124", "2545.82"),
        ("18599581", "143586"),
        ("18779237", "584469"),
        ("18836207", "8365.95"),
    ];
    for (filing, total) in filings {
        let path: PathBuf = shared.join("fixtures/indian-statements").join(filing).join("statements.xlsx");
        let published = publish_figures(&[("statements.xlsx".to_owned(), std::fs::read(path).unwrap())]).await;
        let rows = &published["figures"]["rows"];
        assert_eq!(published["figures"]["years"], serde_json::json!(["31.03.2017", "31.03.2018"]), "{filing}");
        assert_eq!(rows["III.25"], rows["III.43"], "{filing}");
        assert_eq!(rows["III.25"][1], total, "{filing}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ordinary_borrower_needs_no_review() {
    let mut pipeline = Pipeline::new();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.review_items()), (Status::Completed, 0));
}
