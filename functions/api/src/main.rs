//! The `api` function on Lambda.

use api_function::{Resources, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(Resources::new, handle).await
}
