//! The `generate` function on Lambda.

use services::generate::{handle, resources};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(resources, handle).await
}
