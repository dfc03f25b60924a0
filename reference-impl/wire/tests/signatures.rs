//! Signatures made by AWS's own signer hold, and stop holding when anything is touched.

use aws_credential_types::Credentials as SignerCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::Request;
use proofmark_wire::Exchange;
use proofmark_wire::sigv4::{Credentials, Scope, verify};
use proofmark_world::{AccountId, ApiError, Timestamp};
use std::time::{Duration, SystemTime};

const NOW: u64 = 1_632_830_400; // 2021-09-28T12:00:00Z
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Signer {
    secret: &'static str,
    token: Option<&'static str>,
    at: u64,
    settings: SigningSettings,
    unsigned_payload: bool,
}

impl Signer {
    fn new() -> Signer {
        Signer { secret: SECRET, token: None, at: NOW, settings: SigningSettings::default(), unsigned_payload: false }
    }

    fn presigning(expires_seconds: u64) -> Signer {
        let mut signer = Signer::new();
        signer.settings.signature_location = SignatureLocation::QueryParams;
        signer.settings.expires_in = Some(Duration::from_secs(expires_seconds));
        signer
    }

    fn sign(self, mut request: Request<Bytes>) -> Request<Bytes> {
        let token = self.token.map(str::to_owned);
        let identity: Identity = SignerCredentials::new(KEY, self.secret, token, None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("sqs")
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(self.at))
            .settings(self.settings)
            .build()
            .unwrap();
        let body = request.body().clone();
        let body = if self.unsigned_payload { SignableBody::UnsignedPayload } else { SignableBody::Bytes(&body) };
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let (method, uri) = (request.method().to_string(), request.uri().to_string());
        let signable = SignableRequest::new(&method, uri, headers, body).unwrap();
        let (instructions, _) = sign(signable, &parameters.into()).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }
}

fn known() -> Credentials {
    Credentials {
        access_key: KEY.to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        account: AccountId::parse("123456789012").unwrap(),
        expires: None,
    }
}

fn post() -> Request<Bytes> {
    Request::post("https://sqs.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .header("x-spaces", "  a   b ")
        .body(Bytes::from_static(b"{\"MessageBody\":\"x\"}"))
        .unwrap()
}

fn get() -> Request<Bytes> {
    let uri =
        "https://sqs.eu-west-1.amazonaws.com/123456789012/my%20queue?Action=SendMessage&MessageBody=a%20b%2Fc~&empty";
    Request::get(uri).body(Bytes::new()).unwrap()
}

fn check(request: &Request<Bytes>) -> Result<AccountId, ApiError> {
    check_at(request, NOW)
}

fn check_at(request: &Request<Bytes>, now: u64) -> Result<AccountId, ApiError> {
    verify(request, Timestamp::from_seconds(now), &[known()])
}

fn assert_refused(result: Result<AccountId, ApiError>, status: u16, code: &str, text: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.code.query_code, error.code.status), (code, status));
    assert!(error.message.starts_with(text), "{}", error.message);
}

fn assert_mismatch(request: &Request<Bytes>) {
    let text = "The request signature we calculated does not match the signature you provided. \
                Check your AWS Secret Access Key and signing method.";
    assert_refused(check(request), 403, "SignatureDoesNotMatch", text);
}

#[test]
fn signatures_in_headers_hold() {
    for request in [post(), get()] {
        assert_eq!(check(&Signer::new().sign(request)), Ok(known().account));
    }
}

#[test]
fn presigned_urls_hold() {
    for unsigned_payload in [false, true] {
        let signer = Signer { unsigned_payload, ..Signer::presigning(60) };
        assert_eq!(check(&signer.sign(get())), Ok(known().account));
    }
}

#[test]
fn a_host_header_stands_for_the_authority() {
    let mut request = Signer::new().sign(post());
    request.headers_mut().insert("host", "sqs.eu-west-1.amazonaws.com".parse().unwrap());
    *request.uri_mut() = "/".parse().unwrap();
    assert_eq!(check(&request), Ok(known().account));
    request.headers_mut().insert("host", "sqs.us-east-1.amazonaws.com".parse().unwrap());
    assert_mismatch(&request);
}

#[test]
fn session_tokens_must_fit() {
    let session = Credentials { session_token: Some("token".to_owned()), ..known() };
    let at = Timestamp::from_seconds(NOW);
    for request in [
        Signer { token: Some("token"), ..Signer::new() }.sign(post()),
        Signer { token: Some("token"), ..Signer::presigning(60) }.sign(get()),
    ] {
        assert_eq!(verify(&request, at, &[known(), session.clone()]), Ok(session.account));
        assert_refused(check(&request), 403, "InvalidClientTokenId", "The security token included");
        let ended = Credentials { expires: Some(at), ..session.clone() };
        assert_refused(verify(&request, at, &[ended]), 403, "ExpiredToken", "The security token included");
    }
    let without = Signer::new().sign(post());
    assert_refused(verify(&without, at, &[session]), 403, "InvalidClientTokenId", "The security token included");
}

#[test]
fn whatever_is_touched_breaks_the_signature() {
    assert_mismatch(&Signer { secret: "another", ..Signer::new() }.sign(post()));

    let mut body = Signer::new().sign(post());
    *body.body_mut() = Bytes::from_static(b"{}");
    assert_mismatch(&body);

    let mut header = Signer::new().sign(post());
    header.headers_mut().insert("x-amz-target", "AmazonSQS.PurgeQueue".parse().unwrap());
    assert_mismatch(&header);

    let mut method = Signer::new().sign(post());
    *method.method_mut() = http::Method::PUT;
    assert_mismatch(&method);

    let presigned = Signer::presigning(60).sign(get());
    for (from, to) in [("SendMessage", "PurgeQueue"), ("my%20queue", "another"), ("Expires=60", "Expires=600")] {
        let uri = presigned.uri().to_string().replace(from, to);
        assert_mismatch(&Request::get(uri).body(Bytes::new()).unwrap());
    }
}

#[test]
fn an_unsigned_payload_may_change() {
    let mut signer = Signer { unsigned_payload: true, ..Signer::new() };
    signer.settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let mut request = signer.sign(post());
    assert_eq!(request.headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    *request.body_mut() = Bytes::from_static(b"{}");
    assert_eq!(check(&request), Ok(known().account));

    let mut signer = Signer::new();
    signer.settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let mut request = signer.sign(post());
    assert_eq!(check(&request), Ok(known().account));
    *request.body_mut() = Bytes::from_static(b"{}");
    assert_mismatch(&request);
}

#[test]
fn dates_may_be_off_by_fifteen_minutes() {
    let signed = |at| Signer { at, ..Signer::new() }.sign(post());
    for at in [NOW - 14 * 60, NOW - 15 * 60, NOW + 15 * 60] {
        assert_eq!(check(&signed(at)), Ok(known().account));
    }
    assert_refused(
        check(&signed(NOW - 16 * 60)),
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20210928T114400Z is now earlier than 20210928T114500Z (20210928T120000Z - 15 min.)",
    );
    assert_refused(
        check(&signed(NOW + 16 * 60)),
        403,
        "SignatureDoesNotMatch",
        "Signature not yet current: 20210928T121600Z is still later than 20210928T121500Z (20210928T120000Z + 15 min.)",
    );
}

#[test]
fn presigned_urls_live_as_long_as_they_say() {
    let request = Signer::presigning(3600).sign(get());
    assert_eq!(check_at(&request, NOW + 3600), Ok(known().account));
    assert_refused(check_at(&request, NOW + 3601), 403, "SignatureDoesNotMatch", "Signature expired: 20210928T120000Z");
    let forever = request.uri().to_string().replace("Expires=3600", "Expires=604801");
    assert_refused(
        check(&Request::get(forever).body(Bytes::new()).unwrap()),
        400,
        "IncompleteSignature",
        "X-Amz-Expires",
    );
}

#[test]
fn a_date_must_be_of_the_scope() {
    let mut request = Signer::new().sign(post());
    request.headers_mut().insert("x-amz-date", "20210929T000000Z".parse().unwrap());
    let result = check_at(&request, NOW + 12 * 3600);
    assert_refused(result, 403, "SignatureDoesNotMatch", "Date in Credential scope does not match YYYYMMDD");
}

#[test]
fn no_credentials_and_unknown_ones() {
    assert_refused(check(&post()), 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    let request = Signer::new().sign(post());
    let nobody = verify(&request, Timestamp::from_seconds(NOW), &[]);
    let text = "The security token included in the request is invalid.";
    assert_refused(nobody, 403, "InvalidClientTokenId", text);
}

#[test]
fn unreadable_authorizations() {
    for authorization in [
        "",
        "Basic dXNlcg==",
        "AWS AKID:signature",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=A/20210928/eu-west-1/sqs/aws4_request",
        "AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=A/20210928/eu-west-1/sqs/other, SignedHeaders=host, Signature=00",
    ] {
        let mut request = Signer::new().sign(post());
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        assert_refused(check(&request), 400, "IncompleteSignature", "");
    }
    for date in ["", "yesterday", "20211328T120000Z"] {
        let mut request = Signer::new().sign(post());
        request.headers_mut().insert("x-amz-date", date.parse().unwrap());
        assert_refused(check(&request), 400, "IncompleteSignature", "Date must be in ISO-8601");
    }
    let mut request = Signer::new().sign(post());
    request.headers_mut().remove("x-amz-date");
    assert_refused(check(&request), 400, "IncompleteSignature", "Authorization header requires existence");
}

#[test]
fn the_host_must_be_signed() {
    let mut request = Signer::new().sign(post());
    let text = request.headers()["authorization"].to_str().unwrap().replace(";host", "");
    request.headers_mut().insert("authorization", text.parse().unwrap());
    assert_refused(check(&request), 403, "SignatureDoesNotMatch", "'Host'");
}

#[test]
fn the_scope_is_what_the_signer_said() {
    let expected = Scope::parse("AKIDEXAMPLE/20210928/eu-west-1/sqs/aws4_request");
    for request in [Signer::new().sign(post()), Signer::presigning(60).sign(get())] {
        assert_eq!(Exchange::open(&request).scope(), expected.as_ref());
    }
}

#[test]
fn secrets_are_not_printed() {
    let text = format!("{:?}", Credentials { session_token: Some("hush".to_owned()), ..known() });
    assert!(text.contains(KEY) && !text.contains(SECRET) && !text.contains("hush"), "{text}");
}
