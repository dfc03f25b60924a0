//! The client's half of Query: what leaves, and what the SDK gets to see of foreign answers.

mod common;

use bytes::Bytes;
use common::json_request_with;
use http::Response;
use proofmark_wire::query_client::{Pending, TranslateError, XmlError, to_json, to_query};

fn pending(operation: &str) -> Pending {
    to_query(&json_request_with(&format!("AmazonSQS.{operation}"), "")).unwrap().0
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "text/xml")
        .header("content-length", body.len())
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

fn json_of(operation: &str, xml: &str) -> String {
    let json = to_json(&pending(operation), answer(200, xml)).unwrap();
    String::from_utf8(json.body().to_vec()).unwrap()
}

#[test]
fn a_request_becomes_an_unsigned_form() {
    let body = r#"{"QueueUrl":"http://h/1/q","Entries":[{"Id":"a","MessageBody":"x y&z","DelaySeconds":3,
        "MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}]}"#;
    let (pending, form) = to_query(&json_request_with("AmazonSQS.SendMessageBatch", body)).unwrap();
    assert_eq!(pending.operation(), "SendMessageBatch");
    assert_eq!(form.method(), "POST");
    assert_eq!(form.uri(), "https://sqs.eu-west-1.amazonaws.com/");
    assert_eq!(
        form.body(),
        "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=http%3A%2F%2Fh%2F1%2Fq\
         &SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x%20y%26z\
         &SendMessageBatchRequestEntry.1.DelaySeconds=3&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v"
    );
    assert_eq!(form.headers()["content-type"], "application/x-www-form-urlencoded; charset=utf-8");
    for gone in ["authorization", "x-amz-date", "x-amz-target", "content-length"] {
        assert!(!form.headers().contains_key(gone), "{gone}");
    }
    assert!(form.headers().contains_key("x-amz-user-agent"));
}

#[test]
fn empty_lists_are_sent_and_empty_maps_are_not() {
    let body = r#"{"Entries":[],"Other":{},"Nothing":null}"#;
    let (_, form) = to_query(&json_request_with("AmazonSQS.SendMessageBatch", body)).unwrap();
    assert_eq!(form.body(), "Action=SendMessageBatch&Version=2012-11-05&SendMessageBatchRequestEntry=");
}

#[test]
fn other_requests_are_refused() {
    for target in ["DynamoDB_20120810.PutItem", "AmazonSQS", "AmazonSQS.", "AmazonSQS.a&b"] {
        assert!(matches!(to_query(&json_request_with(target, "{}")), Err(TranslateError::Target(Some(_)))), "{target}");
    }
    for body in ["[]", "{", "1"] {
        let request = json_request_with("AmazonSQS.SendMessage", body);
        assert!(matches!(to_query(&request), Err(TranslateError::RequestBody(_))), "{body}");
    }
}

#[test]
fn foreign_answers_pass_member_for_member() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ReceiveMessageResponse>\n  <ReceiveMessageResult>\n\
               <Message><MessageId>not-a-uuid</MessageId><Body>&lt;a&gt;&#13;</Body><New>1</New>\
               <Attribute><Name>SenderId</Name><Value></Value></Attribute></Message>\n</ReceiveMessageResult>\
               <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ReceiveMessageResponse>";
    let json = to_json(&pending("ReceiveMessage"), answer(200, xml)).unwrap();
    assert_eq!(
        json.body(),
        r#"{"Messages":[{"MessageId":"not-a-uuid","Body":"<a>\r","New":"1","Attributes":{"SenderId":""}}]}"#
    );
    assert_eq!(json.headers()["x-amzn-requestid"], "r-1");
    assert_eq!(json.headers()["content-type"], "application/x-amz-json-1.0");
    assert!(!json.headers().contains_key("content-length"));
}

#[test]
fn numbers_and_booleans_are_told_from_text() {
    let xml = "<ListMessageMoveTasksResponse><ListMessageMoveTasksResult><ListMessageMoveTasksResultEntry>\
               <Status>1</Status><StartedTimestamp>17</StartedTimestamp>\
               <ApproximateNumberOfMessagesMoved>many</ApproximateNumberOfMessagesMoved>\
               </ListMessageMoveTasksResultEntry></ListMessageMoveTasksResult></ListMessageMoveTasksResponse>";
    assert_eq!(
        json_of("ListMessageMoveTasks", xml),
        r#"{"Results":[{"Status":"1","StartedTimestamp":17,"ApproximateNumberOfMessagesMoved":"many"}]}"#
    );
    let xml = "<DeleteMessageBatchResponse><DeleteMessageBatchResult><BatchResultErrorEntry><Id>a</Id>\
               <SenderFault>true</SenderFault></BatchResultErrorEntry></DeleteMessageBatchResult></DeleteMessageBatchResponse>";
    assert_eq!(json_of("DeleteMessageBatch", xml), r#"{"Failed":[{"Id":"a","SenderFault":true}]}"#);
}

#[test]
fn the_same_element_is_another_member_elsewhere() {
    let url = |operation: &str| {
        json_of(
            operation,
            &format!(
                "<{operation}Response><{operation}Result><QueueUrl>u</QueueUrl></{operation}Result></{operation}Response>"
            ),
        )
    };
    assert_eq!(url("GetQueueUrl"), r#"{"QueueUrl":"u"}"#);
    assert_eq!(url("ListQueues"), r#"{"QueueUrls":["u"]}"#);
    assert_eq!(url("ListDeadLetterSourceQueues"), r#"{"queueUrls":["u"]}"#);
}

#[test]
fn errors_get_both_faces() {
    for (code, json_type) in [
        ("AWS.SimpleQueueService.NonExistentQueue", "com.amazonaws.sqs#QueueDoesNotExist"),
        ("AWS.SimpleQueueService.PurgeQueueInProgress", "com.amazonaws.sqs#PurgeQueueInProgress"),
        ("ReceiptHandleIsInvalid", "com.amazonaws.sqs#ReceiptHandleIsInvalid"),
        ("InvalidParameterValue", "com.amazon.coral.service#InvalidParameterValueException"),
        ("KMS.OptInRequired", "com.amazonaws.sqs#KmsOptInRequired"),
    ] {
        let xml = format!(
            "<?xml version=\"1.0\"?><ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message>\
             <Detail/></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        let json = to_json(&pending("SendMessage"), answer(403, &xml)).unwrap();
        assert_eq!(json.status(), 403);
        assert_eq!(json.headers()["x-amzn-query-error"], format!("{code};Sender"));
        assert_eq!(json.headers()["x-amzn-requestid"], "r");
        assert_eq!(json.body(), &format!(r#"{{"__type":"{json_type}","message":"m"}}"#));
    }
}

#[test]
fn pages_that_are_no_errors_of_aws_keep_their_status() {
    for body in ["", "<html>Bad gateway", "<UnknownOperationException/>"] {
        let passed = to_json(&pending("SendMessage"), answer(502, body)).unwrap();
        assert_eq!((passed.status().as_u16(), passed.body().as_ref()), (502, body.as_bytes()));
    }
}

#[test]
fn successes_that_are_something_else_are_errors() {
    let translate = |body: &str| to_json(&pending("SendMessage"), answer(200, body)).unwrap_err();
    assert!(matches!(translate("{}"), TranslateError::Xml(XmlError::Incomplete)));
    assert!(matches!(translate("<html></html>"), TranslateError::Root { .. }));
    let not_text = answer(200, "").map(|_| Bytes::from_static(b"\xff"));
    assert!(matches!(to_json(&pending("SendMessage"), not_text), Err(TranslateError::Encoding(_))));
}
