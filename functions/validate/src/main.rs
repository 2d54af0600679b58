//! The `validate` function on Lambda.

use services::validate::{handle, resources};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::lambda::StartError> {
    runtime::lambda::start(resources, handle).await
}
