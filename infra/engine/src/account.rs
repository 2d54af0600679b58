//! The account that a stack is deployed in. ARNs, URLs and names are built from its region, account id and stack name.

/// The partition of every ARN that is built here.
pub(crate) const PARTITION: &str = "aws";

/// Region, account id and stack name: the template's pseudo parameters, and a part of every ARN.
///
/// ```
/// use engine::Account;
/// let account = Account::with_stack("shop");
/// assert_eq!(account.arn("sqs", "shop-Orders"), "arn:aws:sqs:us-east-1:000000000000:shop-Orders");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`, twelve digits.
    pub id: String,
    /// `AWS::StackName`, the prefix of names that the template does not set.
    pub stack: String,
}

impl Default for Account {
    /// Stack `local` of account 000000000000 in us-east-1.
    fn default() -> Self {
        Self::with_stack("local")
    }
}

impl Account {
    /// A stack called `stack` in account 000000000000 in us-east-1.
    #[must_use]
    pub fn with_stack(stack: &str) -> Self {
        Self { region: "us-east-1".into(), id: "000000000000".into(), stack: stack.into() }
    }

    /// The ARN of `resource` in `service`, e.g. `arn:aws:sqs:us-east-1:000000000000:extract`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{PARTITION}:{service}:{}:{}:{resource}", self.region, self.id)
    }

    /// The URL that SQS gives to the queue `name`.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("https://sqs.{}.amazonaws.com/{}/{name}", self.region, self.id)
    }
}

/// The last part of an ARN or a queue URL: the resource's name.
pub(crate) fn name_of(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or(arn_or_url)
}
