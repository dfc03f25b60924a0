//! Whatever goes out comes back: every operation, both protocols, both directions.

mod common;

use bytes::Bytes;
use common::{json_request, request, response, sns};
use proofmark_wire::{Exchange, query_client};
use proofmark_world::sqs::{Operation, Request, Response};
use proofmark_world::{Protocol, Uuid};
use proptest::prelude::*;

const ID: Uuid = Uuid::from_random(7);

fn reply(exchange: &Exchange, response: Response) -> http::Response<Bytes> {
    exchange.reply(ID, &Ok(proofmark_world::Response::Sqs(response)))
}

fn typed(operation: Operation, json: &[u8]) -> Response {
    operation.read_response(&mut serde_json::Deserializer::from_slice(json)).unwrap()
}

/// A request without members, to have an exchange of that operation.
fn bare(operation: Operation) -> http::Request<Bytes> {
    common::json_request_with(&format!("AmazonSQS.{}", operation.name()), "")
}

proptest! {
    #[test]
    fn requests_over_json(request in request()) {
        let http = json_request(&request);
        let exchange = Exchange::open(&http);
        prop_assert_eq!(exchange.protocol(), Protocol::Json);
        prop_assert_eq!(exchange.operation(), Some(request.operation().name()));
        prop_assert_eq!(exchange.request(&http), Ok(proofmark_world::Request::Sqs(request)));
    }

    #[test]
    fn requests_over_query(request in request()) {
        let (pending, http) = query_client::to_query(&json_request(&request)).unwrap();
        let exchange = Exchange::open(&http);
        prop_assert_eq!(pending.operation(), request.operation().name());
        prop_assert_eq!(exchange.protocol(), Protocol::Query);
        prop_assert_eq!(exchange.operation(), Some(request.operation().name()));
        prop_assert_eq!(exchange.request(&http), Ok(proofmark_world::Request::Sqs(request)));
    }

    #[test]
    fn responses_over_json(response in response()) {
        let operation = response.operation();
        let http = reply(&Exchange::open(&bare(operation)), response.clone());
        prop_assert_eq!(typed(operation, http.body()), response);
    }

    #[test]
    fn responses_over_query(response in response()) {
        let operation = response.operation();
        let (pending, query) = query_client::to_query(&bare(operation)).unwrap();
        let xml = reply(&Exchange::open(&query), response.clone());
        prop_assert_eq!(&xml.headers()["content-type"], "text/xml");
        let json = query_client::to_json(&pending, xml).unwrap();
        prop_assert_eq!(typed(operation, json.body()), response);
        prop_assert_eq!(json.headers()["x-amzn-requestid"].to_str().unwrap(), ID.to_string());
    }
}

proptest! {
    #[test]
    fn requests_to_sns(request in sns::request()) {
        let (pending, http) = query_client::to_query(&sns::json_request(&request)).unwrap();
        let exchange = Exchange::open(&http);
        prop_assert_eq!(pending.operation(), request.operation().name());
        prop_assert_eq!(exchange.protocol(), Protocol::Query);
        prop_assert_eq!(exchange.request(&http), Ok(proofmark_world::Request::Sns(request)));
    }

    #[test]
    fn responses_of_sns(response in sns::response()) {
        let operation = response.operation();
        let (pending, query) = query_client::to_query(&sns::bare(operation)).unwrap();
        let xml = Exchange::open(&query).reply(ID, &Ok(proofmark_world::Response::Sns(response.clone())));
        let json = query_client::to_json(&pending, xml).unwrap();
        let read = operation.read_response(&mut serde_json::Deserializer::from_slice(json.body())).unwrap();
        prop_assert_eq!(read, response);
    }
}

#[test]
fn every_operation_without_members() {
    for operation in Operation::ALL {
        let http = bare(*operation);
        let over_json = Exchange::open(&http).request(&http).unwrap();
        let (_, query) = query_client::to_query(&http).unwrap();
        let over_query = Exchange::open(&query).request(&query).unwrap();
        assert_eq!(over_json, over_query);
        let proofmark_world::Request::Sqs(request) = over_json else { panic!("not SQS") };
        assert_eq!(Request::operation(&request), *operation);
    }
}
