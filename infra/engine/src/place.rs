//! Where the stack is said to live: the names that ARNs and URLs are built from.

/// The partition of every ARN that is built here.
pub(crate) const PARTITION: &str = "aws";

/// Region, account and stack name, as pseudo parameters of the template and in every ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`, twelve digits.
    pub account: String,
    /// `AWS::StackName`, the prefix of names that the template leaves open.
    pub stack: String,
}

impl Default for Place {
    fn default() -> Self {
        Self { region: "us-east-1".into(), account: "000000000000".into(), stack: "docket".into() }
    }
}

impl Place {
    /// The ARN of `resource` in `service`, e.g. `arn:aws:sqs:us-east-1:000000000000:extract`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{PARTITION}:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// The URL that SQS gives to the queue `name`.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("https://sqs.{}.amazonaws.com/{}/{name}", self.region, self.account)
    }
}

/// The last part of an ARN or a queue URL: the name itself.
pub(crate) fn name_of(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or(arn_or_url)
}
