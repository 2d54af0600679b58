//! Provides the SDK's clients of each implementation, and their errors in a comparable form.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use engine::{Aws, Clock, Stack};
use serde_json::{Value, json};

use super::emulator::Emulator;

/// Clients of one implementation.
pub(super) struct Side {
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    /// The engine, if this is the AWS in this process.
    pub(super) engine: Option<Aws>,
}

impl Side {
    /// A new, empty AWS in this process.
    pub(super) fn ours() -> Self {
        let aws = Aws::memory(Clock::system()).expect("an AWS in memory");
        let configuration = aws.sdk_config().into_builder().retry_config(RetryConfig::disabled()).build();
        Self { engine: Some(aws), ..Self::of(&configuration) }
    }

    /// The emulator. It keeps what earlier sequences created, so names must be new.
    pub(super) fn theirs(emulator: &Emulator) -> Self {
        // Same region, credentials and settings as ours, so that only the server differs.
        let ours = Aws::memory(Clock::system()).expect("an AWS in memory").sdk_config();
        let configuration = ours
            .into_builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&emulator.endpoint)
            .retry_config(RetryConfig::disabled())
            .build();
        Self::of(&configuration)
    }

    fn of(configuration: &SdkConfig) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(configuration).force_path_style(true).build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(configuration),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(configuration),
            sns: aws_sdk_sns::Client::new(configuration),
            engine: None,
        }
    }

    /// Creates what `template` declares, if this is the AWS in this process.
    pub(super) fn deploy(&self, template: &str) {
        let Some(aws) = &self.engine else { return };
        let stack = Stack::parse(template, aws.account()).expect("a valid template");
        aws.deploy(&stack).expect("the template can be deployed");
    }
}

/// An error answer: its status and code.
pub(super) fn refusal<E: ProvideErrorMetadata + std::fmt::Debug>(error: &SdkError<E, HttpResponse>) -> Value {
    match error {
        SdkError::ServiceError(service) => {
            json!({ "status": service.raw().status().as_u16(), "code": service.err().code() })
        }
        SdkError::ConstructionFailure(_) => json!("the SDK does not send this"),
        SdkError::ResponseError(answer) => json!({ "unreadable": answer.raw().status().as_u16() }),
        other => panic!("no answer: {other:?}"),
    }
}
