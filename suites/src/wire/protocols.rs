//! The two protocols of SQS, and their envelopes.

use super::support::{Answer, form, json, ours, path_of, query, signed};
use crate::sqs::support::{create, equal, holds, refused, standard, text};
use proofmark_conform::{Protocol, Scope, Stop, case};

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The same call over both protocols.
async fn both(scope: &Scope, operation: &str, body: &str, parameters: &[(&str, &str)]) -> Result<[Answer; 2], Stop> {
    let over_json = signed(scope, json(scope, operation, body)?).await?;
    let over_query = signed(scope, query(scope, operation, parameters)?).await?;
    Ok([over_json, over_query])
}

case! {
    /// SQS takes AWS JSON 1.0 and AWS Query at one endpoint.
    pub BOTH = "wire.sqs.both_protocols",
    clauses: ["wire.sqs.protocols", "wire.sqs.json.success", "wire.sqs.query.success"],
    cost: 6 requests, 5 seconds,
    protocols: [Json],
    async fn both_protocols(scope) {
        let queue = standard(scope).await?;
        let body = format!(r#"{{"QueueName":"{}"}}"#, queue.name);
        let [over_json, over_query] = both(scope, "GetQueueUrl", &body, &[("QueueName", &queue.name)]).await?;
        equal("JSON: status and type", (200, "application/x-amz-json-1.0".to_owned()), (over_json.status, over_json.header("content-type")))?;
        equal("JSON: the member at the top level", Some(queue.url.as_str()), over_json.json()["QueueUrl"].as_str())?;
        equal("Query: status", 200, over_query.status)?;
        holds("Query: XML", over_query.header("content-type").starts_with("text/xml"), over_query.header("content-type"))?;
        let opening = r#"<GetQueueUrlResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">"#;
        holds("Query: the root element with its namespace", over_query.body.contains(opening), &over_query.body)?;
        equal("Query: the member in the result", queue.url.clone(), over_query.element("QueueUrl"))?;
        let metadata = over_query.element("ResponseMetadata");
        holds("Query: the request id in the metadata", metadata.starts_with("<RequestId>"), &metadata)
    }
}

case! {
    /// Over Query, lists and maps are flat: repeated elements, maps as Name and Value.
    pub FLAT = "wire.sqs.flat_lists",
    clauses: ["wire.sqs.query.success"],
    cost: 5 requests, 5 seconds,
    protocols: [Json],
    async fn flat_lists(scope) {
        let queue = standard(scope).await?;
        let parameters = [("QueueUrl", queue.url.as_str()), ("AttributeName.1", "DelaySeconds"), ("AttributeName.2", "VisibilityTimeout")];
        let answer = signed(scope, query(scope, "GetQueueAttributes", &parameters)?).await?;
        let expected = "<Attribute><Name>VisibilityTimeout</Name><Value>30</Value></Attribute>";
        let result = answer.element("GetQueueAttributesResult");
        holds("an attribute", result.contains(expected), &answer.body)?;
        equal("two of them", 2, result.matches("<Attribute>").count())
    }
}

case! {
    /// Operations without an output answer 200, over JSON with nothing or an empty object.
    pub NO_OUTPUT = "wire.sqs.no_output",
    clauses: ["wire.sqs.json.success", "wire.sqs.query.success"],
    cost: 5 requests, 5 seconds,
    protocols: [Json],
    async fn no_output(scope) {
        let queue = standard(scope).await?;
        let body = format!(r#"{{"QueueUrl":"{}","Tags":{{"k":"v"}}}}"#, queue.url);
        let parameters = [("QueueUrl", queue.url.as_str()), ("Tag.1.Key", "k"), ("Tag.1.Value", "v")];
        let [over_json, over_query] = both(scope, "TagQueue", &body, &parameters).await?;
        equal("statuses", (200, 200), (over_json.status, over_query.status))?;
        holds("nothing or {}", ["", "{}"].contains(&over_json.body.trim()), &over_json.body)?;
        holds("a response with metadata only", over_query.body.contains("<TagQueueResponse") && !over_query.body.contains("TagQueueResult>"), &over_query.body)
    }
}

case! {
    /// Empty lists are absent, over both protocols.
    pub EMPTY_LISTS = "wire.sqs.empty_lists",
    clauses: ["wire.sqs.empty-lists-absent"],
    cost: 9 requests, 5 seconds,
    protocols: [Json],
    async fn empty_lists(scope) {
        let queue = standard(scope).await?;
        let url = format!(r#"{{"QueueUrl":"{}"}}"#, queue.url);
        let prefix = scope.name("nothing-begins-so");
        for (operation, body, parameters, member) in [
            ("ReceiveMessage", url.clone(), vec![("QueueUrl", queue.url.as_str())], "Messages"),
            ("ListQueueTags", url, vec![("QueueUrl", queue.url.as_str())], "Tags"),
            ("ListQueues", format!(r#"{{"QueueNamePrefix":"{prefix}"}}"#), vec![("QueueNamePrefix", prefix.as_str())], "QueueUrls"),
        ] {
            let [over_json, over_query] = both(scope, operation, &body, &parameters).await?;
            holds(&format!("JSON has no {member}"), over_json.status == 200 && over_json.json().get(member).is_none(), &over_json.body)?;
            let empty = format!("<{operation}Result/>");
            let also_empty = format!("<{operation}Result></{operation}Result>");
            holds("Query has an empty result", over_query.body.contains(&empty) || over_query.body.contains(&also_empty), &over_query.body)?;
        }
        Ok(())
    }
}

case! {
    /// Errors over JSON: `__type` names the shape, a header carries the Query code and whose fault it is.
    pub JSON_ERROR = "wire.sqs.json_error",
    clauses: ["wire.sqs.json.error-envelope", "wire.sqs.missing-queue-text", "wire.sqs.code-map.400"],
    cost: 1 requests, 5 seconds,
    protocols: [Json],
    async fn json_error(scope) {
        let body = format!(r#"{{"QueueName":"{}"}}"#, scope.name("missing"));
        let answer = signed(scope, json(scope, "GetQueueUrl", &body)?).await?;
        equal("status", 400, answer.status)?;
        let shape = answer.json()["__type"].as_str().unwrap_or_default().to_owned();
        equal("__type", "com.amazonaws.sqs#QueueDoesNotExist".to_owned(), shape)?;
        let header = answer.header("x-amzn-query-error");
        equal("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender".to_owned(), header)?;
        scope.warn_text("The specified queue does not exist.", answer.json()["message"].as_str().unwrap_or_default())
    }
}

case! {
    /// Errors over Query: type, code, text and an empty detail in an ErrorResponse, the request id beside them.
    pub QUERY_ERROR = "wire.sqs.query_error",
    clauses: ["wire.sqs.query.error-envelope", "wire.sqs.missing-queue-text"],
    cost: 1 requests, 5 seconds,
    protocols: [Json],
    async fn query_error(scope) {
        let answer = signed(scope, query(scope, "GetQueueUrl", &[("QueueName", &scope.name("missing"))])?).await?;
        equal("status", 400, answer.status)?;
        let opening = r#"<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>"#;
        holds("the envelope", answer.body.contains(opening), &answer.body)?;
        equal("the code", "AWS.SimpleQueueService.NonExistentQueue".to_owned(), answer.element("Code"))?;
        let detail = answer.body.contains("<Detail/></Error><RequestId>") || answer.body.contains("<Detail></Detail></Error><RequestId>");
        holds("an empty detail, then the request id", detail, &answer.body)?;
        scope.warn_text("The specified queue does not exist for this wsdl version.", &answer.element("Message"))
    }
}

case! {
    /// Every answer has a request id, a UUID, that no other has; XML bodies repeat the header's.
    pub REQUEST_ID = "wire.request_id",
    clauses: ["wire.request-id.present"],
    cost: 5 requests, 5 seconds,
    protocols: [Json],
    async fn request_id(scope) {
        let prefix = scope.name("none");
        let body = format!(r#"{{"QueueNamePrefix":"{prefix}"}}"#);
        let mut ids = std::collections::BTreeSet::new();
        for _ in 0..2 {
            let [over_json, over_query] = both(scope, "ListQueues", &body, &[("QueueNamePrefix", &prefix)]).await?;
            equal("XML repeats the header", over_query.header("x-amzn-requestid"), over_query.element("RequestId"))?;
            ids.extend([over_json, over_query].map(|answer| answer.header("x-amzn-requestid")));
        }
        let failed = signed(scope, query(scope, "GetQueueUrl", &[("QueueName", &scope.name("missing"))])?).await?;
        equal("also in an error", failed.header("x-amzn-requestid"), failed.element("RequestId"))?;
        holds("UUIDs", ids.iter().all(|id| is_uuid(id)), &ids)?;
        equal("all different", 4, ids.len())
    }
}

case! {
    /// A GET of a queue's URL with an action works; with Accept: application/json it is answered in JSON.
    pub GET = "wire.sqs.get_on_queue_url",
    clauses: ["wire.sqs.get-on-queue-url"],
    cost: 5 requests, 5 seconds,
    protocols: [Json],
    async fn get_on_queue_url(scope) {
        let queue = standard(scope).await?;
        let path = format!("{}?{}", path_of(&queue.url), form("GetQueueAttributes", &[("AttributeName.1", "DelaySeconds")]));
        let get = || scope.raw().request("GET", &path);
        let xml = signed(scope, get().body(bytes::Bytes::new()).map_err(ours)?).await?;
        equal("the attribute, in XML", (200, "0".to_owned()), (xml.status, xml.element("Value")))?;
        let json = signed(scope, get().header("accept", "application/json").body(bytes::Bytes::new()).map_err(ours)?).await?;
        let response = &json.json()["GetQueueAttributesResponse"];
        holds("the same, in JSON", response["GetQueueAttributesResult"].to_string().contains("DelaySeconds"), &json.body)
    }
}

case! {
    /// A GET of a queue's URL without an action is an unknown operation, in XML even if JSON was asked for.
    pub GET_WITHOUT_ACTION = "wire.sqs.get_without_action",
    clauses: ["wire.sqs.get-no-action"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn get_without_action(scope) {
        let queue = standard(scope).await?;
        for accept in ["*/*", "application/json"] {
            let request = scope.raw().request("GET", &path_of(&queue.url)).header("accept", accept);
            let answer = signed(scope, request.body(bytes::Bytes::new()).map_err(ours)?).await?;
            equal("status", 404, answer.status)?;
            holds("the body", answer.body.starts_with("<UnknownOperationException"), &answer.body)?;
        }
        Ok(())
    }
}

case! {
    /// An unknown action is invalid, and so are CreateQueue and ListQueues on a queue's URL; GetQueueUrl works there.
    pub INVALID_ACTION = "wire.sqs.invalid_actions",
    clauses: ["wire.sqs.invalid-action"],
    cost: 8 requests, 5 seconds,
    protocols: [Json],
    async fn invalid_actions(scope) {
        let queue = standard(scope).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let post = async |action: &str, parameters: &[(&str, &str)]| {
            let request = scope.raw().request("POST", &path_of(&queue.url));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            signed(scope, request.body(form(action, parameters).into()).map_err(ours)?).await
        };
        for (action, parameters) in [("FooBar", vec![]), ("CreateQueue", vec![("QueueName", other.name.as_str())]), ("ListQueues", vec![])] {
            let answer = post(action, &parameters).await?;
            equal(action, (400, "InvalidAction".to_owned()), (answer.status, answer.element("Code")))?;
            scope.warn_text(&format!("The action {action} is not valid for this endpoint."), &answer.element("Message"))?;
        }
        let found = post("GetQueueUrl", &[("QueueName", &other.name)]).await?;
        equal("another queue's URL", other.url.clone(), found.element("QueueUrl"))
    }
}

case! {
    /// A QueueUrl parameter goes before the URL that the request is posted to.
    pub PARAMETER_WINS = "wire.sqs.parameter_wins",
    clauses: ["wire.sqs.queueurl-param-wins"],
    cost: 6 requests, 5 seconds,
    protocols: [Json],
    async fn parameter_wins(scope) {
        let (posted_to, named) = (standard(scope).await?, standard(scope).await?);
        let request = scope.raw().request("POST", &path_of(&posted_to.url)).header("content-type", "application/x-www-form-urlencoded");
        let body = form("SendMessage", &[("QueueUrl", &named.url), ("MessageBody", "x")]);
        let answer = signed(scope, request.body(body.into()).map_err(ours)?).await?;
        equal("accepted", 200, answer.status)?;
        equal("in the named queue", Some("x"), named.receive().await?.body())
    }
}

case! {
    /// A JSON request can be posted to a queue's URL.
    pub JSON_ON_QUEUE_URL = "wire.sqs.json_on_queue_url",
    clauses: ["wire.sqs.json-post-to-queue-url"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn json_on_queue_url(scope) {
        let queue = standard(scope).await?;
        let request = scope
            .raw()
            .request("POST", &path_of(&queue.url))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AmazonSQS.SendMessage")
            .body(format!(r#"{{"QueueUrl":"{}","MessageBody":"x"}}"#, queue.url).into())
            .map_err(ours)?;
        equal("accepted", 200, signed(scope, request).await?.status)?;
        equal("received", Some("x"), queue.receive().await?.body())
    }
}

case! {
    /// A bare queue name does as a QueueUrl.
    pub NAME_AS_URL = "wire.sqs.name_as_url",
    clauses: ["wire.sqs.queue-name-as-url"],
    cost: 4 requests, 5 seconds,
    async fn name_as_url(scope) {
        let queue = standard(scope).await?;
        scope.sqs().send_message().queue_url(&queue.name).message_body("x").send().await?;
        equal("received", Some("x"), queue.receive().await?.body())
    }
}

case! {
    /// A missing parameter is named; the code is another over JSON in the body, and the same in the header.
    pub MISSING_PARAMETER = "wire.sqs.missing_parameter",
    clauses: ["wire.sqs.missing-param", "wire.sqs.unmodelled-codes"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn missing_parameter(scope) {
        let queue = standard(scope).await?;
        let body = format!(r#"{{"QueueUrl":"{}"}}"#, queue.url);
        let [over_json, over_query] = both(scope, "SendMessage", &body, &[("QueueUrl", &queue.url)]).await?;
        let text = "The request must contain the parameter MessageBody.";
        equal("Query", (400, "MissingParameter".to_owned()), (over_query.status, over_query.element("Code")))?;
        equal("JSON", (400, "MissingParameter".to_owned()), (over_json.status, over_json.code()))?;
        let shape = over_json.json()["__type"].as_str().unwrap_or_default().to_owned();
        holds("the shape over JSON", shape.ends_with("MissingRequiredParameterException"), &shape)?;
        scope.warn_text(text, &over_query.element("Message"))?;
        let body = format!(r#"{{"QueueUrl":"{}","MessageBody":"x","DelaySeconds":901}}"#, queue.url);
        let invalid = signed(scope, json(scope, "SendMessage", &body)?).await?;
        let shape = invalid.json()["__type"].as_str().unwrap_or_default().to_owned();
        holds("InvalidParameterValueException", shape.ends_with("InvalidParameterValueException"), &shape)?;
        equal("and its header code", "InvalidParameterValue".to_owned(), invalid.code())
    }
}

case! {
    /// What is no JSON, or of another type, is refused with a 4xx, and changes nothing.
    pub MALFORMED = "wire.sqs.malformed",
    clauses: ["wire.auth.common-errors", "wire.sqs.json.error-envelope"],
    cost: 12 requests, 5 seconds,
    protocols: [Json],
    async fn malformed(scope) {
        let queue = standard(scope).await?;
        let wrong_type = format!(r#"{{"QueueUrl":"{}","MessageBody":7}}"#, queue.url);
        for body in ["{", "[]", "null", "\"text\"", wrong_type.as_str()] {
            let answer = signed(scope, json(scope, "SendMessage", body)?).await?;
            holds("a 4xx", (400..500).contains(&answer.status), (body, answer.status))?;
        }
        let unknown = signed(scope, json(scope, "FooBar", "{}")?).await?;
        holds("an unknown operation is a 4xx", (400..500).contains(&unknown.status), unknown.status)?;
        scope.observe("wire.auth.common-errors", format!("an unknown target: {} {}", unknown.status, unknown.code()));
        for form in ["Action=SendMessage&MessageBody=%ZZ", "Version=2012-11-05", "Action=ReceiveMessage&MaxNumberOfMessages=many"] {
            let answer = signed(scope, scope.raw().query(form).map_err(ours)?).await?;
            holds("a 4xx", (400..500).contains(&answer.status), (form, answer.status))?;
        }
        queue.expect_nothing_for(std::time::Duration::from_secs(3), "nothing was sent").await
    }
}

case! {
    /// Pages: a token only if MaxResults was sent and there is more; the last page has none; MaxResults is 1 to 1,000.
    pub PAGES = "wire.pagination",
    clauses: ["wire.pagination.sqs"],
    cost: 14 requests, 65 seconds,
    async fn pages(scope) {
        let mut expected = Vec::new();
        for role in ["page-a", "page-b", "page-c"] {
            expected.push(create(scope, scope.name(role), &[]).await?.url);
        }
        expected.sort();
        let list = || scope.sqs().list_queues().queue_name_prefix(scope.name("page"));
        let all = async || {
            let answer = list().send().await?;
            Ok(proofmark_conform::Seen::when(answer.queue_urls().len() == 3, answer.queue_urls().len()))
        };
        scope.eventually("all three are listed", crate::sqs::support::PATIENCE, all).await?;
        equal("no MaxResults, no token", None, list().send().await?.next_token())?;
        let (mut urls, mut token, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = list().max_results(1).set_next_token(token).send().await?;
            holds("at most one a page", page.queue_urls().len() <= 1, page.queue_urls().len())?;
            urls.extend_from_slice(page.queue_urls());
            pages += 1;
            token = page.next_token().map(str::to_owned);
            if token.is_none() || pages > 10 {
                break;
            }
        }
        urls.sort();
        equal("each queue once", expected, urls)?;
        for wrong in [0, 1_001] {
            let result = list().max_results(wrong).send().await;
            refused(scope, result, "InvalidParameterValue", 400, "")?;
        }
        let garbage = list().max_results(1).next_token("not a token").send().await;
        holds("a made-up token is refused", garbage.is_err(), text(None))
    }
}

case! {
    /// The missing queue of either protocol, seen through the SDK: one code, two texts.
    pub MISSING_QUEUE = "wire.sqs.missing_queue",
    clauses: ["wire.sqs.missing-queue-text", "wire.sqs.code-map.400"],
    cost: 1 requests, 5 seconds,
    async fn missing_queue(scope) {
        let result = scope.sqs().get_queue_url().queue_name(scope.name("missing")).send().await;
        let text = match scope.protocol() {
            Protocol::Json => "The specified queue does not exist.",
            Protocol::Query => "The specified queue does not exist for this wsdl version.",
        };
        refused(scope, result, "AWS.SimpleQueueService.NonExistentQueue", 400, text)
    }
}

case! {
    /// A URL that names no queue is no valid address.
    pub ADDRESS = "wire.sqs.invalid_address",
    clauses: ["wire.sqs.code-map.403-404"],
    cost: 1 requests, 5 seconds,
    async fn invalid_address(scope) {
        let url = format!("{}/not/a/queue", scope.raw().endpoint());
        let result = scope.sqs().send_message().queue_url(url).message_body("x").send().await;
        refused(scope, result, "InvalidAddress", 404, "")
    }
}
