//! The `review` function on Lambda.

use review::{Resources, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(Resources::new, handle).await
}
