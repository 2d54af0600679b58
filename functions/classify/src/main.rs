//! The `classify` function on Lambda.

use services::classify::{handle, resources};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(resources, handle).await
}
