//! The rows of the clause catalogue that are about bytes, as bytes.

mod common;

use bytes::Bytes;
use common::{form_request, json_request_with};
use http::{Request, Response};
use proofmark_wire::Exchange;
use proofmark_world::error::common::{INTERNAL_FAILURE, SERIALIZATION};
use proofmark_world::sqs::api::{self, *};
use proofmark_world::{ApiError, ErrorCode, Protocol, Service, Uuid};
use std::collections::BTreeMap;

const ID: Uuid = Uuid::from_random(0);
const ID_TEXT: &str = "00000000-0000-4000-8000-000000000000";
const QUEUE_PATH: &str = "/000000000000/orders";

static MISSING_QUEUE: ErrorCode =
    ErrorCode::sender("com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400);

fn missing_queue() -> ApiError {
    ApiError::new(&MISSING_QUEUE, "The specified queue does not exist.")
        .with_query_message("The specified queue does not exist for this wsdl version.")
}

fn ok(request: &Request<Bytes>, response: api::Response) -> Response<Bytes> {
    Exchange::open(request).reply(ID, &Ok(proofmark_world::Response::Sqs(response)))
}

fn failed(request: &Request<Bytes>, error: ApiError) -> Response<Bytes> {
    Exchange::open(request).reply(ID, &Err(error))
}

/// Decodes, and renders the error that decoding makes.
fn refused(request: &Request<Bytes>) -> Response<Bytes> {
    let exchange = Exchange::open(request);
    exchange.reply(ID, &Err(exchange.request(request).unwrap_err()))
}

fn read(request: &Request<Bytes>) -> api::Request {
    let proofmark_world::Request::Sqs(request) = Exchange::open(request).request(request).unwrap() else {
        panic!("not SQS");
    };
    request
}

fn get(uri: &str) -> Request<Bytes> {
    Request::get(uri).header("host", "localhost:9324").body(Bytes::new()).unwrap()
}

fn accepting_json(mut request: Request<Bytes>) -> Request<Bytes> {
    request.headers_mut().insert("accept", "application/json".parse().unwrap());
    request
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn body(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn attributes(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn json_success() {
    let request = json_request_with("AmazonSQS.GetQueueUrl", r#"{"QueueName":"orders"}"#);
    let output = QueueUrlOutput { queue_url: Some("http://localhost/000000000000/orders".into()) };
    let reply = ok(&request, api::Response::GetQueueUrl(output));
    assert_eq!(reply.status(), 200);
    assert_eq!(header(&reply, "content-type"), "application/x-amz-json-1.0");
    assert_eq!(header(&reply, "x-amzn-requestid"), ID_TEXT);
    assert_eq!(body(&reply), r#"{"QueueUrl":"http://localhost/000000000000/orders"}"#);
}

#[test]
fn json_absent_lists() {
    let request = json_request_with("AmazonSQS.ReceiveMessage", "");
    assert_eq!(body(&ok(&request, api::Response::ReceiveMessage(ReceiveMessageOutput::default()))), "{}");
}

#[test]
fn json_error() {
    let reply = failed(&json_request_with("AmazonSQS.SendMessage", "{}"), missing_queue());
    assert_eq!(reply.status(), 400);
    assert_eq!(header(&reply, "content-type"), "application/x-amz-json-1.0");
    assert_eq!(header(&reply, "x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
    assert_eq!(
        body(&reply),
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#
    );
}

#[test]
fn json_receiver_error() {
    let reply = failed(&json_request_with("AmazonSQS.SendMessage", "{}"), ApiError::new(&INTERNAL_FAILURE, "oh"));
    assert_eq!(reply.status(), 500);
    assert_eq!(header(&reply, "x-amzn-query-error"), "InternalFailure;Receiver");
}

#[test]
fn json_that_is_not_the_input() {
    let deep = format!("{{\"MessageBody\":{}", "[".repeat(100_000));
    let bodies = [
        "{",
        "[]",
        "null",
        "{}x",
        r#"{"DelaySeconds":"1"}"#,
        r#"{"DelaySeconds":NaN}"#,
        r#"{"DelaySeconds":1e999}"#,
        r#"{"MessageAttributes":{"k":["x"]}}"#,
        r#"{"MessageAttributes":["k"]}"#,
        r#"{"MessageBody":"\ud800"}"#,
    ];
    for sent in bodies.into_iter().chain([deep.as_str()]) {
        let reply = refused(&json_request_with("AmazonSQS.SendMessage", sent.to_owned()));
        assert_eq!(reply.status(), 400, "{sent:.40}");
        assert_eq!(header(&reply, "x-amzn-query-error"), "SerializationException;Sender");
        assert!(body(&reply).starts_with(r#"{"__type":"com.amazon.coral.service#SerializationException""#));
    }
    assert_eq!(SERIALIZATION.status, 400);
}

#[test]
fn json_duplicate_members_are_refused_and_unknown_ones_ignored() {
    let twice = json_request_with("AmazonSQS.DeleteQueue", r#"{"QueueUrl":"a","QueueUrl":"b"}"#);
    assert_eq!(refused(&twice).status(), 400);
    let unknown =
        json_request_with("AmazonSQS.DeleteQueue", r#"{"QueueUrl":"a","New":[{"deep":[1]}],"QueueURL":null}"#);
    assert_eq!(read(&unknown), api::Request::DeleteQueue(QueueInput { queue_url: Some("a".into()) }));
}

#[test]
fn json_unknown_operations() {
    for target in ["AmazonSQS.Foo", "AmazonSNS.SendMessage", "SendMessage", ""] {
        let request = json_request_with(target, "{}");
        let reply = refused(&request);
        assert_eq!(reply.status(), 404, "{target}");
        assert_eq!(header(&reply, "x-amzn-query-error"), "UnknownOperationException;Sender");
        assert!(body(&reply).starts_with(r#"{"__type":"com.amazon.coral.service#UnknownOperationException""#));
    }
    assert_eq!(Exchange::open(&json_request_with("AmazonSQS.Foo", "")).operation(), Some("Foo"));
}

#[test]
fn json_on_a_queue_url_and_as_1_1() {
    let mut request = json_request_with("AmazonSQS.DeleteQueue", r#"{"QueueUrl":"q"}"#);
    *request.uri_mut() = QUEUE_PATH.parse().unwrap();
    request.headers_mut().insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
    assert_eq!(read(&request), api::Request::DeleteQueue(QueueInput { queue_url: Some("q".into()) }));
}

#[test]
fn query_reads_flattened_parameters() {
    let form = "Action=SendMessage&Version=2012-11-05&QueueUrl=q&MessageBody=a+b%0D%0A%C3%A9&DelaySeconds=5\
                &MessageAttribute.2.Name=n&MessageAttribute.2.Value.DataType=Number&MessageAttribute.2.Value.StringValue=1\
                &MessageAttribute.7.Name=b&MessageAttribute.7.Value.DataType=Binary&MessageAttribute.7.Value.BinaryValue=AQI%3D\
                &MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.StringValue=Root";
    let api::Request::SendMessage(input) = read(&form_request("/", form)) else { panic!("another operation") };
    assert_eq!(input.message_body.as_deref(), Some("a b\r\né"));
    assert_eq!(input.delay_seconds, Some(5));
    let attributes = input.message_attributes.unwrap();
    assert_eq!(attributes["n"].string_value.as_deref(), Some("1"));
    assert_eq!(*attributes["b"].binary_value.as_ref().unwrap().0, [1, 2]);
    assert_eq!(input.message_system_attributes.unwrap()["AWSTraceHeader"].string_value.as_deref(), Some("Root"));
}

#[test]
fn query_reads_batches_tags_and_permissions() {
    let form = "Action=DeleteMessageBatch&DeleteMessageBatchRequestEntry.1.Id=a\
                &DeleteMessageBatchRequestEntry.1.ReceiptHandle=h";
    let entry = DeleteMessageBatchRequestEntry { id: Some("a".to_owned()), receipt_handle: Some("h".into()) };
    let input = DeleteMessageBatchInput { queue_url: None, entries: Some(vec![entry]) };
    assert_eq!(read(&form_request("/", form)), api::Request::DeleteMessageBatch(input));

    let form =
        "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=0&Tag.1.Key=k&Tag.1.Value=v";
    let input = CreateQueueInput {
        queue_name: Some("q".to_owned()),
        attributes: attributes(&[("DelaySeconds", "0")]),
        tags: attributes(&[("k", "v")]),
    };
    assert_eq!(read(&form_request("/", form)), api::Request::CreateQueue(input));

    let form = "Action=AddPermission&Label=l&AWSAccountId.1=1&ActionName.1=SendMessage&ActionName.2=*";
    let input = AddPermissionInput {
        queue_url: None,
        label: Some("l".to_owned()),
        aws_account_ids: Some(vec!["1".to_owned()]),
        actions: Some(vec!["SendMessage".to_owned(), "*".to_owned()]),
    };
    assert_eq!(read(&form_request("/", form)), api::Request::AddPermission(input));
}

#[test]
fn query_success() {
    let output = QueueUrlOutput { queue_url: Some("http://h/000000000000/a&b".into()) };
    let reply = ok(&form_request("/", "Action=CreateQueue"), api::Response::CreateQueue(output));
    assert_eq!(reply.status(), 200);
    assert_eq!(header(&reply, "content-type"), "text/xml");
    assert_eq!(header(&reply, "x-amzn-requestid"), ID_TEXT);
    assert_eq!(
        body(&reply),
        "<CreateQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><CreateQueueResult>\
         <QueueUrl>http://h/000000000000/a&amp;b</QueueUrl></CreateQueueResult><ResponseMetadata>\
         <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></CreateQueueResponse>"
    );
}

fn received() -> api::Response {
    let value = AttributeValue {
        string_value: Some("x".into()),
        data_type: Some("String".into()),
        ..AttributeValue::default()
    };
    let message = Message {
        receipt_handle: Some("h".into()),
        body: Some("a\"\r\n".into()),
        attributes: attributes(&[("SenderId", "me"), ("SentTimestamp", "1")]),
        message_attributes: Some([("k".into(), value)].into()),
        ..Message::default()
    };
    api::Response::ReceiveMessage(ReceiveMessageOutput { messages: Some(vec![message.clone(), message]) })
}

#[test]
fn query_lists_and_maps_are_flattened() {
    let reply = ok(&form_request("/", "Action=ReceiveMessage"), received());
    let message = "<Message><ReceiptHandle>h</ReceiptHandle><Body>a&quot;&#xD;\n</Body>\
                   <Attribute><Name>SenderId</Name><Value>me</Value></Attribute>\
                   <Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>\
                   <MessageAttribute><Name>k</Name><Value><StringValue>x</StringValue><DataType>String</DataType></Value>\
                   </MessageAttribute></Message>";
    assert!(body(&reply).contains(&format!("<ReceiveMessageResult>{message}{message}</ReceiveMessageResult>")));
}

#[test]
fn query_empty_results() {
    let receive = form_request("/", "Action=ReceiveMessage");
    let reply = ok(&receive, api::Response::ReceiveMessage(ReceiveMessageOutput::default()));
    assert!(body(&reply).contains("<ReceiveMessageResult/><ResponseMetadata>"));
    let reply = ok(&form_request("/", "Action=PurgeQueue"), api::Response::PurgeQueue(Empty {}));
    assert_eq!(
        body(&reply),
        "<PurgeQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ResponseMetadata>\
         <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></PurgeQueueResponse>"
    );
}

#[test]
fn query_batch_results() {
    let failed = BatchResultErrorEntry {
        id: Some("b".to_owned()),
        sender_fault: Some(true),
        code: Some("C".to_owned()),
        message: Some("m".to_owned()),
    };
    let output = BatchOutput { successful: vec![BatchEntryId { id: Some("a".to_owned()) }], failed: vec![failed] };
    let reply = ok(&form_request("/", "Action=DeleteMessageBatch"), api::Response::DeleteMessageBatch(output));
    assert!(body(&reply).contains(
        "<DeleteMessageBatchResult><DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>\
         <BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>C</Code><Message>m</Message>\
         </BatchResultErrorEntry></DeleteMessageBatchResult>"
    ));
}

#[test]
fn query_error() {
    let reply = failed(&form_request("/", "Action=SendMessage"), missing_queue());
    assert_eq!(reply.status(), 400);
    assert_eq!(header(&reply, "content-type"), "text/xml");
    assert_eq!(
        body(&reply),
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error>\
         <Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>\
         <Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error>\
         <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
    );
}

#[test]
fn query_as_json() {
    let request = accepting_json(get("/000000000000/orders?Action=GetQueueAttributes&AttributeName.1=All"));
    let output = GetQueueAttributesOutput { attributes: attributes(&[("DelaySeconds", "0")]) };
    let reply = ok(&request, api::Response::GetQueueAttributes(output));
    assert_eq!(header(&reply, "content-type"), "application/json");
    assert_eq!(
        body(&reply),
        r#"{"GetQueueAttributesResponse":{"GetQueueAttributesResult":{"Attributes":[{"Name":"DelaySeconds","Value":"0"}]},"ResponseMetadata":{"RequestId":"00000000-0000-4000-8000-000000000000"}}}"#
    );
    let reply = failed(&request, missing_queue());
    assert_eq!(
        body(&reply),
        r#"{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"The specified queue does not exist for this wsdl version.","Type":"Sender"},"RequestId":"00000000-0000-4000-8000-000000000000"}"#
    );
}

#[test]
fn get_on_a_queue_url() {
    let request = get("/000000000000/orders?Action=PurgeQueue&Version=2012-11-05");
    let input = QueueInput { queue_url: Some("http://localhost:9324/000000000000/orders".into()) };
    assert_eq!(read(&request), api::Request::PurgeQueue(input.clone()));
    let in_process = "https://sqs.eu-west-1.amazonaws.com/000000000000/orders?Action=PurgeQueue";
    let request = Request::get(in_process).body(Bytes::new()).unwrap();
    let url = in_process.split('?').next().unwrap();
    assert_eq!(read(&request), api::Request::PurgeQueue(QueueInput { queue_url: Some(url.into()) }));
}

#[test]
fn the_queue_url_parameter_wins() {
    let request = form_request(QUEUE_PATH, "Action=PurgeQueue&QueueUrl=other");
    assert_eq!(read(&request), api::Request::PurgeQueue(QueueInput { queue_url: Some("other".into()) }));
}

#[test]
fn body_and_query_string_are_merged() {
    let request = form_request("/?Action=PurgeQueue&QueueUrl=a", "QueueUrl=b");
    assert_eq!(Exchange::open(&request).operation(), Some("PurgeQueue"));
    assert_eq!(read(&request), api::Request::PurgeQueue(QueueInput { queue_url: Some("b".into()) }));
}

#[test]
fn get_without_a_query_string() {
    for request in [get(QUEUE_PATH), accepting_json(get(QUEUE_PATH))] {
        let reply = refused(&request);
        assert_eq!(reply.status(), 404);
        assert_eq!(header(&reply, "content-type"), "text/xml");
        assert!(body(&reply).starts_with("<UnknownOperationException"));
    }
}

#[test]
fn invalid_actions() {
    for (path, action) in
        [("/", "FooBar"), (QUEUE_PATH, "FooBar"), (QUEUE_PATH, "CreateQueue"), (QUEUE_PATH, "ListQueues")]
    {
        let reply = refused(&form_request(path, format!("Action={action}&QueueName=q")));
        assert_eq!(reply.status(), 400);
        let expected =
            format!("<Code>InvalidAction</Code><Message>The action {action} is not valid for this endpoint.</Message>");
        assert!(body(&reply).contains(&expected), "{}", body(&reply));
    }
    let elsewhere = form_request(QUEUE_PATH, "Action=GetQueueUrl&QueueName=other");
    assert!(matches!(read(&elsewhere), api::Request::GetQueueUrl(_)));
}

#[test]
fn other_query_refusals() {
    for (form, status, code) in [
        ("QueueName=q", 400, "MissingAction"),
        ("", 400, "MissingAction"),
        ("Action=CreateQueue&QueueName=%zz", 404, "MalformedQueryString"),
        ("Action=CreateQueue&QueueName=%ff", 404, "MalformedQueryString"),
        ("Action=ListQueues&MaxResults=ten", 400, "MalformedInput"),
        ("Action=ListQueues&MaxResults.1=10", 400, "MalformedInput"),
        ("Action=SendMessage&MessageAttribute.1.Value.BinaryValue=*", 400, "MalformedInput"),
    ] {
        let reply = refused(&form_request("/", form));
        assert_eq!(reply.status(), status, "{form}");
        assert!(body(&reply).contains(&format!("<Code>{code}</Code>")), "{form}: {}", body(&reply));
    }
}

#[test]
fn huge_indexes_and_deep_names_are_harmless() {
    let deep = ".a".repeat(10_000);
    let form = format!("Action=GetQueueAttributes&AttributeName.999999999=b&AttributeName.3=a&AttributeName{deep}=x");
    let api::Request::GetQueueAttributes(input) = read(&form_request("/", form)) else { panic!("another operation") };
    assert_eq!(input.attribute_names.unwrap(), ["a", "b"]);
}

#[test]
fn the_head_decides() {
    let json = json_request_with("AmazonSQS.ListQueues", "");
    let exchange = Exchange::open(&json);
    let scope = exchange.scope().unwrap();
    assert_eq!((scope.access_key.as_str(), scope.region.as_str()), ("A", "eu-west-1"));
    assert_eq!((scope.date.as_str(), scope.service.as_str()), ("20210928", "sqs"));
    assert_eq!(exchange.service(), Service::Sqs);
    let presigned = get("/?X-Amz-Credential=K%2Fwith%2Fslash%2F20210928%2Fus-east-1%2Fsqs%2Faws4_request");
    let exchange = Exchange::open(&presigned);
    assert_eq!(exchange.protocol(), Protocol::Query);
    assert_eq!(exchange.scope().unwrap().access_key, "K/with/slash");
    assert_eq!((exchange.operation(), Exchange::open(&get("/")).scope()), (None, None));
}
