//! The `drift-check` function on Lambda.

use drift_check::{Resources, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(Resources::new, handle).await
}
