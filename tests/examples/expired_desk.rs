//! Opens the desk of an order whose review nobody decided: its hours pass in virtual time, then the desk is served in real time.
//! Prints the address that opens it. The browser's walk uses it.
//!
//! ```text
//! cargo run -p tests --example expired_desk
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
    runtime.expect("a runtime").block_on(serve());
}

async fn serve() {
    let mut pipeline = Pipeline::with_review_hours(1, 2, 4);
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    request.options.auto_approve_above = Confidence::try_from(1.0).expect("a confidence");
    pipeline.submit(&request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(EXPIRED)).await;
    tokio::time::resume();

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let secrets = AtomicU64::new(1);
    let secret = move || format!("{:064}", secrets.fetch_add(1, Ordering::Relaxed));
    let desk = Desk::new(pipeline::LOCAL_FIRM.parse().expect("a firm"), port, secret);
    println!("http://127.0.0.1:{port}/enter?ticket={}", desk.ticket().expect("a ticket"));
    let requests = AtomicU64::new(1);
    let correlate = move || format!("request-{}", requests.fetch_add(1, Ordering::Relaxed));
    let api = pipeline.local.api(Access::Local(desk), Uploads::ThroughApi, correlate).expect("an API");
    let server = axum::serve(listener, api::router(api));
    pipeline.local.driver.run_while(server.into_future()).await.expect("it serves until it is killed");
}
