//! The quotas of SNS that are too large to be filled through a client.

use proofmark_world::sns::api::{CreateTopicInput, SubscribeInput};
use proofmark_world::sns::{Request as Sns, limits};
use proofmark_world::{AccountId, Answer, ApiError, Caller, Config, Protocol, Region, Request, Timestamp, World};
use std::collections::BTreeMap;

struct Account {
    world: World,
    caller: Caller,
}

impl Account {
    fn new() -> Self {
        Account {
            world: World::new(Config { quotas: false, ..Config::default() }),
            caller: Caller {
                account: AccountId::DEFAULT,
                region: Region::new("us-east-1"),
                protocol: Protocol::Query,
                endpoint: "http://localhost:4566".into(),
                trace_header: None,
                signed: true,
            },
        }
    }

    fn call(&mut self, request: Sns) -> Result<(), ApiError> {
        match self.world.call(Timestamp::from_seconds(1_700_000_000), &self.caller, Request::Sns(request)) {
            Answer::Now(result) => result.map(drop),
            Answer::Later(_) => panic!("nothing here has to wait"),
        }
    }

    fn create_topic(&mut self, name: String) -> Result<(), ApiError> {
        self.call(Sns::CreateTopic(CreateTopicInput { name: Some(name), ..CreateTopicInput::default() }))
    }

    fn subscribe(&mut self, topic: &str, queue: usize, filter: bool) -> Result<(), ApiError> {
        let policy = ("FilterPolicy".to_owned(), r#"{"k":["v"]}"#.to_owned());
        self.call(Sns::Subscribe(SubscribeInput {
            topic_arn: Some(format!("arn:aws:sns:us-east-1:{}:{topic}", AccountId::DEFAULT).into()),
            protocol: Some("sqs".to_owned()),
            endpoint: Some(format!("arn:aws:sqs:us-east-1:{}:q{queue}", AccountId::DEFAULT).into()),
            attributes: filter.then(|| BTreeMap::from([policy])),
            ..SubscribeInput::default()
        }))
    }
}

fn code(result: Result<(), ApiError>) -> Option<&'static str> {
    result.err().map(|error| error.code.query_code)
}

#[test]
fn an_account_has_a_hundred_thousand_standard_topics() {
    let mut account = Account::new();
    for number in 0..limits::STANDARD_TOPICS {
        assert_eq!(account.create_topic(format!("topic-{number}")), Ok(()));
    }
    assert_eq!(code(account.create_topic("one-more".to_owned())), Some("TopicLimitExceeded"));
    assert_eq!(account.create_topic("topic-0".to_owned()), Ok(()), "one that is there is none more");
}

#[test]
fn an_account_has_ten_thousand_filter_policies() {
    let mut account = Account::new();
    let topics = 10_000 / limits::FILTER_POLICIES_PER_TOPIC;
    for number in 0..=topics {
        assert_eq!(account.create_topic(format!("topic-{number}")), Ok(()));
    }
    for number in 0..topics {
        for queue in 0..limits::FILTER_POLICIES_PER_TOPIC {
            assert_eq!(account.subscribe(&format!("topic-{number}"), queue, true), Ok(()));
        }
    }
    let last = format!("topic-{topics}");
    assert_eq!(code(account.subscribe(&last, 0, true)), Some("FilterPolicyLimitExceeded"));
    assert_eq!(account.subscribe(&last, 0, false), Ok(()), "one without a policy is allowed");
}
