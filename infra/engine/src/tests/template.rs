//! The template as it is read.

use std::collections::BTreeMap;

use crate::template::stack::Event;
use crate::template::{TemplateError, declared};
use crate::{Account, Stack};

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev }
  Batch: { Type: Number, Default: 7 }
Conditions:
  IsProduction: !Equals [!Ref Stage, prod]
  IsNot: !Not [!Condition IsProduction]
Mappings:
  Sizes: { dev: { memory: 256 }, prod: { memory: 1024 } }
Globals:
  Function:
    Timeout: 60
    MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
    Environment: { Variables: { LOG_LEVEL: info, TABLE: !Ref Orders } }
Resources:
  Key: { Type: AWS::KMS::Key }
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Dead: { Type: AWS::SQS::Queue, Properties: { MessageRetentionPeriod: 1209600, KmsMasterKeyId: !Ref Key } }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 360
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: 5
  Documents: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub "${AWS::StackName}-documents-${AWS::AccountId}" } }
  Alerts: { Type: AWS::SNS::Topic }
  OnlyInProduction: { Type: AWS::SQS::Queue, Condition: IsProduction }
  ExtractFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/extract
      Timeout: 120
      Policies:
        - Statement: [{ Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Work.Arn }]
      Environment:
        Variables:
          QUEUE_URL: !Ref Work
          TOPIC_ARN: !Ref Alerts
          BUCKET: !Ref Documents
          LOG_LEVEL: !If [IsProduction, warn, debug]
          NAMES: !Join ["-", [!Ref Stage, !Select [1, [a, b]], !GetAtt Work.QueueName]]
          LITERAL: !Sub ["${!kept} ${own} ${Work.Arn}", { own: !Ref "AWS::Region" }]
          GONE: !If [IsProduction, x, !Ref "AWS::NoValue"]
          KEY: !GetAtt Key.Arn
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: !Ref Batch
            MaximumBatchingWindowInSeconds: 0
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 5 }
        Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour), Enabled: true } }
        Api: { Type: HttpApi, Properties: { Path: /orders, Method: post } }
"#;

fn stack() -> Stack {
    Stack::parse(TEMPLATE, &Account::default()).unwrap()
}

fn refusal(template: &str) -> String {
    Stack::parse(template, &Account::default()).unwrap_err().to_string()
}

#[test]
fn resources_have_the_names_and_settings_of_the_template() {
    let stack = stack();
    let work = &stack.queues["Work"];
    assert_eq!((work.name.as_str(), work.visibility_timeout_s), ("local-Work", 360));
    let redrive = work.redrive.as_ref().unwrap();
    assert_eq!((redrive.target.as_str(), redrive.receive_count_max), ("local-Dead", 5));
    assert_eq!(stack.buckets["Documents"].name, "local-documents-000000000000");
    assert_eq!(stack.tables["Orders"].name, "local-Orders");
    assert!(!stack.queues.contains_key("OnlyInProduction"));
}

#[test]
fn a_function_gets_what_globals_give_and_what_references_mean() {
    let stack = stack();
    let function = &stack.functions["ExtractFunction"];
    assert_eq!((function.timeout_s, function.memory_mib), (120, 256));
    let variable = |name: &str| function.environment.get(name).map(String::as_str);
    assert_eq!(variable("TABLE"), Some("local-Orders"));
    assert_eq!(variable("QUEUE_URL"), Some("https://sqs.us-east-1.amazonaws.com/000000000000/local-Work"));
    assert_eq!(variable("TOPIC_ARN"), Some("arn:aws:sns:us-east-1:000000000000:local-Alerts"));
    assert_eq!(variable("BUCKET"), Some("local-documents-000000000000"));
    assert_eq!(variable("LOG_LEVEL"), Some("debug"));
    assert_eq!(variable("NAMES"), Some("dev-b-local-Work"));
    assert_eq!(variable("LITERAL"), Some("${kept} us-east-1 arn:aws:sqs:us-east-1:000000000000:local-Work"));
    assert_eq!(variable("GONE"), None);
    assert!(variable("KEY").unwrap().starts_with("arn:"));
}

#[test]
fn event_sources_are_read_and_routes_left_out() {
    let stack = stack();
    let [Event::Schedule(schedule), Event::Sqs(mapping)] = &stack.functions["ExtractFunction"].events[..] else {
        panic!("other events")
    };
    assert_eq!((schedule.expression.as_str(), schedule.enabled), ("rate(1 hour)", true));
    assert_eq!((mapping.queue.as_str(), mapping.batch_size), ("local-Work", 7));
    assert!(mapping.report_batch_item_failures);
    assert_eq!(mapping.maximum_concurrency, Some(5));
}

#[test]
fn a_parameter_can_be_given() {
    let given = [("Stage".to_owned(), "prod".to_owned())].into();
    let stack = Stack::parse_with(TEMPLATE, &Account::default(), &given).unwrap();
    assert!(stack.queues.contains_key("OnlyInProduction"));
    assert_eq!(stack.functions["ExtractFunction"].environment["LOG_LEVEL"], "warn");
}

#[test]
fn an_error_names_the_resource_and_the_property() {
    let template = TEMPLATE.replace("!Ref Alerts", "!Ref Alarms");
    let expected = "ExtractFunction: Environment.Variables.TOPIC_ARN: the template declares no Alarms";
    assert_eq!(refusal(&template), expected);
    let template = TEMPLATE.replace("VisibilityTimeout: 360", "VisibilityTimeout: long");
    assert_eq!(refusal(&template), "Work: VisibilityTimeout: write a whole number of 0 or more");
    assert!(matches!(Stack::parse("a: [", &Account::default()), Err(TemplateError::Yaml(_))));
    assert_eq!(refusal("a: b"), "the template has no Resources");
}

#[test]
fn what_a_template_declares_can_be_deployed_and_driven() {
    let stack = stack();
    let aws = super::aws();
    aws.deploy(&stack).unwrap();
    crate::Driver::new(&aws, &stack).unwrap();
}

#[test]
fn every_resource_can_be_read_with_its_references_resolved() {
    let parameters = BTreeMap::from([("Stage".to_owned(), "prod".to_owned())]);
    let all = declared(TEMPLATE, &Account::default(), &parameters).unwrap();
    assert!(all.contains_key("OnlyInProduction"));
    let work = &all["Work"];
    assert_eq!(work.kind, "AWS::SQS::Queue");
    assert_eq!(work.properties["RedrivePolicy"]["deadLetterTargetArn"], Account::default().arn("sqs", "local-Dead"));
    let policy = &all["ExtractFunction"].properties["Policies"][0]["Statement"][0];
    assert_eq!(policy["Resource"], Account::default().arn("sqs", "local-Work"));
    assert!(!declared(TEMPLATE, &Account::default(), &BTreeMap::new()).unwrap().contains_key("OnlyInProduction"));
}
