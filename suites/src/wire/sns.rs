//! The Query protocol of SNS: envelopes, maps and lists, GETs, pages.

use super::support::{Answer, answer, form_of, ours, send_by};
use crate::sns::support::{create_topic, topic};
use crate::sqs::support::{equal, holds, refused, text};
use bytes::Bytes;
use proofmark_conform::{Identity, Scope, Signing, Stop, case};
use std::collections::BTreeSet;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    form_of("2010-03-31", action, parameters)
}

/// An action of SNS with its parameters, posted and signed.
async fn post(scope: &Scope, action: &str, parameters: &[(&str, &str)]) -> Result<Answer, Stop> {
    let raw = scope.raw().to("sns");
    send_by(&raw, raw.query(form(action, parameters)).map_err(ours)?, &Signing::default()).await
}

case! {
    /// SNS takes Query, and answers in XML of its own namespace, also what has no output.
    pub QUERY = "wire.sns.query_only",
    clauses: ["wire.sns.protocol"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn query_only(scope) {
        let topic = topic(scope).await?;
        let answered = post(scope, "GetTopicAttributes", &[("TopicArn", &topic.arn)]).await?;
        equal("status", 200, answered.status)?;
        holds("XML", answered.header("content-type").starts_with("text/xml"), answered.header("content-type"))?;
        let opening = format!(r#"<GetTopicAttributesResponse xmlns="{NAMESPACE}"><GetTopicAttributesResult><Attributes>"#);
        holds("the root element with its namespace", answered.body.contains(&opening), &answered.body)?;
        let metadata = answered.element("ResponseMetadata");
        equal("the request id", format!("<RequestId>{}</RequestId>", answered.header("x-amzn-requestid")), metadata)?;
        let parameters = [("TopicArn", topic.arn.as_str()), ("AttributeName", "DisplayName"), ("AttributeValue", "x & <y>")];
        let set = post(scope, "SetTopicAttributes", &parameters).await?;
        equal("no output", (200, true), (set.status, set.body.contains("<SetTopicAttributesResponse")))?;
        equal("the escaped value", Some("x & <y>"), topic.attributes().await?.get("DisplayName").map(String::as_str))?;
        let raw = scope.raw().to("sns");
        let request = raw.query(form("ListTopics", &[])).map_err(ours)?;
        let wrong_service = send_by(&raw, request, &Signing::default().for_service("dynamodb")).await?;
        let expected = (403, "SignatureDoesNotMatch".to_owned());
        equal("signed for another service", expected, (wrong_service.status, wrong_service.element("Code")))
    }
}

case! {
    /// SNS has no JSON protocol: a request of that kind names no action.
    pub NO_JSON = "wire.sns.no_json",
    clauses: ["wire.sns.protocol"],
    cost: 4 requests, 5 seconds,
    protocols: [Query],
    async fn no_json(scope) {
        let name = scope.name("topic");
        let raw = scope.raw().to("sns");
        let request = raw.request("POST", "/").header("content-type", "application/x-amz-json-1.0");
        let request = request.header("x-amz-target", "AmazonSimpleNotificationService.CreateTopic");
        // It is named before it is asked for, in case that it is made.
        let _unsent = scope.creating_topic(&name)?;
        let body = format!(r#"{{"Name":"{name}"}}"#);
        let answered = send_by(&raw, request.body(body.into()).map_err(ours)?, &Signing::default()).await?;
        holds("it is refused", (400..500).contains(&answered.status), &answered)?;
        let arns = scope.sns().list_topics().send().await?;
        let made = arns.topics().iter().any(|topic| topic.topic_arn().is_some_and(|arn| arn.ends_with(&name)));
        holds("nothing was made", !made, &arns)
    }
}

case! {
    /// An error says whose fault it is, a code and a text, and nothing else but the request's id.
    pub ERROR = "wire.sns.error",
    clauses: ["wire.sns.error-envelope"],
    cost: 3 requests, 5 seconds,
    protocols: [Query],
    async fn error(scope) {
        let answered = post(scope, "GetTopicAttributes", &[("TopicArn", "arn:aws:sns")]).await?;
        equal("status", 400, answered.status)?;
        let opening = format!(r#"<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>"#);
        holds("the envelope", answered.body.contains(&opening), &answered.body)?;
        let end = format!("</Message></Error><RequestId>{}</RequestId></ErrorResponse>", answered.header("x-amzn-requestid"));
        holds("its end", answered.body.trim_end().ends_with(&end), &answered.body)?;
        let missing = format!("arn:aws:sns:{}:111122223333:{}", scope.region(), scope.name("missing"));
        let denied_or_missing = post(scope, "Publish", &[("TopicArn", &missing), ("Message", "x")]).await?;
        let code = denied_or_missing.element("Code");
        holds("a code without a prefix", ["NotFound", "AuthorizationError"].contains(&code.as_str()), &code)?;
        let unknown = post(scope, "NoSuchAction", &[]).await?;
        equal("an unknown action", (400, "InvalidAction".to_owned()), (unknown.status, unknown.element("Code")))
    }
}

case! {
    /// A required member that is missing is named by its path.
    pub REQUIRED = "wire.sns.required_member",
    clauses: ["wire.sns.validation-error"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn required_member(scope) {
        let topic = topic(scope).await?;
        let wanted = async |action: &str, parameters: &[(&str, &str)], path: &str| {
            let answered = post(scope, action, parameters).await?;
            equal(action, (400, "ValidationError".to_owned()), (answered.status, answered.element("Code")))?;
            let text = format!("1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null");
            scope.warn_text(&text, &answered.element("Message").replace("&apos;", "'").replace("&#39;", "'"))
        };
        let arn = topic.arn.as_str();
        wanted("CreateTopic", &[], "name").await?;
        wanted("Publish", &[("TopicArn", arn)], "message").await?;
        wanted("Subscribe", &[("TopicArn", arn)], "protocol").await?;
        let attribute = [("TopicArn", arn), ("Message", "x"), ("MessageAttributes.entry.1.Name", "attr1"),
            ("MessageAttributes.entry.1.Value.StringValue", "v")];
        wanted("Publish", &attribute, "messageAttributes.attr1.member.dataType").await
    }
}

case! {
    /// Codes and their HTTP status, raw.
    pub CODES = "wire.sns.codes",
    clauses: ["wire.sns.code-map"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn codes(scope) {
        let topic = topic(scope).await?;
        let missing = format!("{}-missing", topic.arn);
        let attribute = [("TopicArn", topic.arn.as_str()), ("Message", "x"), ("MessageAttributes.entry.1.Name", "a"),
            ("MessageAttributes.entry.1.Value.DataType", "Boolean"), ("MessageAttributes.entry.1.Value.StringValue", "true")];
        let wanted = [
            ("GetTopicAttributes", vec![("TopicArn", missing.as_str())], 404, "NotFound"),
            ("ListTagsForResource", vec![("ResourceArn", missing.as_str())], 404, "ResourceNotFound"),
            ("Publish", attribute.to_vec(), 400, "ParameterValueInvalid"),
            ("Publish", vec![("TopicArn", topic.arn.as_str()), ("Message", "")], 400, "InvalidParameter"),
        ];
        for (action, parameters, status, code) in wanted {
            let answered = post(scope, action, &parameters).await?;
            equal(action, (status, code.to_owned()), (answered.status, answered.element("Code")))?;
            equal("whose fault", "Sender".to_owned(), answered.element("Type"))?;
        }
        Ok(())
    }
}

case! {
    /// An action can be a GET with its parameters in the URL.
    pub GET = "wire.sns.get",
    clauses: ["wire.sns.get-publish"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    async fn get(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let raw = scope.raw().to("sns");
        let get = |parameters: &str| raw.request("GET", &format!("/?{parameters}")).body(Bytes::new()).map_err(ours);
        let publish = form("Publish", &[("TopicArn", &topic.arn), ("Message", "by GET, ☕ & more")]);
        let answered = send_by(&raw, get(&publish)?, &Signing::default()).await?;
        equal("accepted", 200, answered.status)?;
        holds("an id", answered.element("MessageId").len() == 36, &answered.body)?;
        let envelope = subscriber.envelope().await?;
        equal("what arrives", Some("by GET, ☕ & more"), envelope["Message"].as_str())?;
        let unsigned = answer(&raw, get(&publish)?).await?;
        holds("publishing needs a signature", (400..500).contains(&unsigned.status), &unsigned)?;
        let link = text(envelope["UnsubscribeURL"].as_str());
        let parameters = link.split_once("/?").map(|(_, parameters)| parameters.to_owned()).unwrap_or_default();
        let unsubscribed = answer(&raw, get(&parameters)?).await?;
        equal("the link in the envelope needs none", 200, unsubscribed.status)?;
        let gone = scope.sns().get_subscription_attributes().subscription_arn(&subscriber.subscription).send().await;
        refused(scope, gone, "NotFound", 404, "")
    }
}

case! {
    /// Maps are entries of key and value, message attributes entries of Name and Value, lists members.
    pub MAPS = "wire.sns.maps_and_lists",
    clauses: ["wire.sns.map-member-casing"],
    cost: 14 requests, 10 seconds,
    protocols: [Query],
    async fn maps_and_lists(scope) {
        let name = scope.name("topic");
        let topic = create_topic(scope, &name, &[("DisplayName", "shown")]).await?;
        let same = [("Name", name.as_str()), ("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", "shown")];
        equal("an attribute in, the same", 200, post(scope, "CreateTopic", &same).await?.status)?;
        let other = [("Name", name.as_str()), ("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", "other")];
        equal("an attribute in, another", 400, post(scope, "CreateTopic", &other).await?.status)?;
        let shown = post(scope, "GetTopicAttributes", &[("TopicArn", &topic.arn)]).await?;
        let entry = "<entry><key>DisplayName</key><value>shown</value></entry>";
        holds("an attribute out", shown.body.contains(entry), &shown.body)?;
        let tag = [("ResourceArn", topic.arn.as_str()), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v"),
            ("Tags.member.2.Key", "l"), ("Tags.member.2.Value", "w")];
        equal("a list in", 200, post(scope, "TagResource", &tag).await?.status)?;
        let tags = post(scope, "ListTagsForResource", &[("ResourceArn", &topic.arn)]).await?;
        holds("a list out", tags.element("Tags").starts_with("<member><Key>k</Key><Value>v</Value></member>"), &tags.body)?;
        let subscriber = topic.subscriber().await?;
        let publish = [("TopicArn", topic.arn.as_str()), ("Message", "x"), ("MessageAttributes.entry.1.Name", "colour"),
            ("MessageAttributes.entry.1.Value.DataType", "String"), ("MessageAttributes.entry.1.Value.StringValue", "red")];
        equal("a message attribute in", 200, post(scope, "Publish", &publish).await?.status)?;
        let attributes = subscriber.envelope().await?["MessageAttributes"].clone();
        equal("it arrives", Some("red"), attributes["colour"]["Value"].as_str())
    }
}

case! {
    /// Who may not is told who he is, what he may not do, and to what.
    pub DENIED = "wire.sns.denied",
    clauses: ["wire.auth.sns-denied"],
    cost: 5 requests, 5 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn denied(scope) {
        let topic = topic(scope).await?;
        let raw = scope.raw().to("sns");
        let publish = form("Publish", &[("TopicArn", &topic.arn), ("Message", "x")]);
        let answered = send_by(&raw, raw.query(publish).map_err(ours)?, &Signing::default().by(Identity::Second)).await?;
        equal("refused", (403, "AuthorizationError".to_owned()), (answered.status, answered.element("Code")))?;
        let message = answered.element("Message");
        let (user, rest) = message.split_once(" is not authorized ").unwrap_or_default();
        holds("the user's ARN", user.starts_with("User: arn:aws:"), user)?;
        let expected = format!("to perform: SNS:Publish on resource: {} because no identity-based policy allows the SNS:Publish action", topic.arn);
        scope.warn_text(&expected, rest)
    }
}

case! {
    /// Topics are listed in pages of 100, each once, with a token that means nothing.
    pub TOPICS = "wire.sns.topic_pages",
    clauses: ["wire.pagination.sns"],
    cost: 330 requests, 60 seconds,
    protocols: [Query],
    async fn topic_pages(scope) {
        let mut expected = BTreeSet::new();
        for number in 0..101 {
            expected.insert(create_topic(scope, &scope.name(&format!("page-{number}")), &[]).await?.arn);
        }
        let (mut found, mut token, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = scope.sns().list_topics().set_next_token(token).send().await?;
            holds("at most 100 a page", page.topics().len() <= 100, page.topics().len())?;
            found.extend(page.topics().iter().map(|topic| text(topic.topic_arn())));
            pages += 1;
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        holds("more than one page", pages > 1, pages)?;
        found.retain(|arn| expected.contains(arn));
        equal("none twice", expected.len(), found.len())?;
        equal("all of them", expected, found.into_iter().collect())?;
        let made_up = scope.sns().list_topics().next_token("no token").send().await;
        refused(scope, made_up, "InvalidParameter", 400, "")
    }
}
