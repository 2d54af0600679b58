//! Opens a desk in a state that `docket serve` cannot have within a test, and prints the address that opens it. The browser's walks
//! use it.
//!
//! ```text
//! cargo run -p tests --example desk -- expired    an order whose review nobody decided: its hours pass in virtual time
//! cargo run -p tests --example desk -- bucket     files go to the bucket with requests that the API signs, as on a stage;
//!                                                 the token of a program is printed, too
//! ```

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program of the tests prints, and panics when it cannot continue"
)]

use std::future::IntoFuture as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::Uploads;
use api::access::Access;
use api::access::local::Desk;
use domain::option::Confidence;
use tests::pipeline::{OrderRequest, Pipeline};
use tokio::net::TcpListener;

/// Longer than its reviews may wait.
const EXPIRED: Duration = Duration::from_secs(7 * 3_600);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let is_expired = std::env::args().nth(1).as_deref() == Some("expired");
    runtime.expect("a runtime").block_on(async {
        let mut pipeline = Pipeline::with_review_hours(1, 2, 4);
        if is_expired {
            let_a_review_expire(&mut pipeline).await;
        }
        tokio::time::resume();
        serve(pipeline, if is_expired { Uploads::ThroughApi } else { Uploads::ToBucket }).await;
    });
}

async fn let_a_review_expire(pipeline: &mut Pipeline) {
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    request.options.auto_approve_above = Confidence::try_from(1.0).expect("a confidence");
    pipeline.submit(&request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(EXPIRED)).await;
}

async fn serve(mut pipeline: Pipeline, uploads: Uploads) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let secrets = AtomicU64::new(1);
    let secret = move || format!("{:064}", secrets.fetch_add(1, Ordering::Relaxed));
    let desk = Desk::new(pipeline::LOCAL_FIRM.parse().expect("a firm"), port, secret);
    println!("http://127.0.0.1:{port}/enter?ticket={}", desk.ticket().expect("a ticket"));
    println!("token={}", desk.program_token());
    let requests = AtomicU64::new(1);
    let correlate = move || format!("request-{}", requests.fetch_add(1, Ordering::Relaxed));
    let api = pipeline.local.api(Access::Local(desk), uploads, correlate).expect("an API");
    let server = axum::serve(listener, api::router(api));
    pipeline.local.driver.run_while(server.into_future()).await.expect("it serves until it is killed");
}
