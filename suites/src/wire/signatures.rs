//! Signatures: what is refused, and with which code.

use super::support::{Answer, json, query, send, unsigned};
use crate::sqs::support::{equal, holds};
use bytes::Bytes;
use http::Request;
use proofmark_conform::{Identity, Scope, Signing, Stop, case};
use std::time::Duration;

/// A harmless call over both protocols.
fn calls(scope: &Scope) -> Result<[Request<Bytes>; 2], Stop> {
    let prefix = scope.name("none");
    let body = format!(r#"{{"QueueNamePrefix":"{prefix}"}}"#);
    Ok([json(scope, "ListQueues", &body)?, query(scope, "ListQueues", &[("QueueNamePrefix", &prefix)])?])
}

fn expect(answer: &Answer, status: u16, codes: &[&str]) -> Result<(), Stop> {
    equal("status", status, answer.status)?;
    holds(&format!("one of {codes:?}"), codes.contains(&answer.code().as_str()), answer.code())
}

async fn refused_when(scope: &Scope, how: &Signing, status: u16, codes: &[&str]) -> Result<(), Stop> {
    for call in calls(scope)? {
        expect(&send(scope, call, how).await?, status, codes)?;
    }
    Ok(())
}

case! {
    /// A request without credentials is refused.
    pub MISSING = "wire.auth.no_credentials",
    clauses: ["wire.auth.missing-token"],
    cost: 2 requests, 5 seconds,
    protocols: [Json],
    needs: [StrictSignatures],
    async fn no_credentials(scope) {
        for call in calls(scope)? {
            expect(&unsigned(scope, call).await?, 403, &["MissingAuthenticationToken"])?;
        }
        Ok(())
    }
}

case! {
    /// A wrong secret, and a body altered after signing, do not match the signature.
    pub MISMATCH = "wire.auth.mismatch",
    clauses: ["wire.auth.signature-mismatch"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    needs: [StrictSignatures],
    async fn mismatch(scope) {
        refused_when(scope, &Signing::default().with_wrong_secret(), 403, &["SignatureDoesNotMatch"]).await?;
        for call in calls(scope)? {
            let mut signed = scope.raw().sign(call, &Signing::default()).await.map_err(super::support::ours)?;
            let altered = [signed.body().as_ref(), b" "].concat();
            *signed.body_mut() = Bytes::from(altered);
            let answer = unsigned(scope, signed).await?;
            expect(&answer, 403, &["SignatureDoesNotMatch"])?;
            let starts = "The request signature we calculated does not match the signature you provided. Check your AWS \
                          Secret Access Key and signing method.";
            let text = answer.json()["message"].as_str().map_or_else(|| answer.element("Message"), str::to_owned);
            holds("the text", text.starts_with(starts), &text)?;
        }
        Ok(())
    }
}

case! {
    /// A signature up to 14 minutes off is taken; 16 minutes off it is refused, with which code is measured.
    pub CLOCK_SKEW = "wire.auth.skewed_clock",
    clauses: ["wire.auth.clock-skew"],
    cost: 8 requests, 5 seconds,
    protocols: [Json],
    needs: [StrictSignatures],
    async fn skewed_clock(scope) {
        for minutes in [-14, 14] {
            for call in calls(scope)? {
                let answer = send(scope, call, &Signing::default().with_clock_off_by(minutes * 60)).await?;
                equal("within 15 minutes", 200, answer.status)?;
            }
        }
        for minutes in [-16, 16] {
            for call in calls(scope)? {
                let answer = send(scope, call, &Signing::default().with_clock_off_by(minutes * 60)).await?;
                scope.observe("wire.auth.clock-skew", format!("{minutes} min: {} {}", answer.status, answer.code()));
                holds("beyond 15 minutes", (400..500).contains(&answer.status), answer.status)?;
            }
        }
        Ok(())
    }
}

case! {
    /// An unknown access key is refused, and so is an expired session.
    pub TOKENS = "wire.auth.tokens",
    clauses: ["wire.auth.invalid-token"],
    cost: 8 requests, 5 seconds,
    protocols: [Json],
    needs: [StrictSignatures, SessionCredentials],
    async fn tokens(scope) {
        for call in calls(scope)? {
            let mut signed = scope.raw().sign(call, &Signing::default()).await.map_err(super::support::ours)?;
            let header = signed.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let (start, rest) = header.split_once("Credential=").unwrap_or_default();
            let (_, scope_on) = rest.split_once('/').unwrap_or_default();
            let unknown = format!("{start}Credential=AKIAUNKNOWNUNKNOWN00/{scope_on}");
            if let Ok(value) = unknown.parse() {
                signed.headers_mut().insert("authorization", value);
            }
            expect(&unsigned(scope, signed).await?, 403, &["InvalidClientTokenId", "UnrecognizedClientException"])?;
        }
        for call in calls(scope)? {
            let valid = send(scope, call, &Signing::default().by(Identity::Session)).await?;
            equal("a valid session", 200, valid.status)?;
        }
        let expired = Signing::default().by(Identity::Expired);
        refused_when(scope, &expired, 403, &["ExpiredToken", "ExpiredTokenException"]).await?;
        let without = Signing::default().by(Identity::Session).without_token();
        refused_when(scope, &without, 403, &["InvalidClientTokenId", "UnrecognizedClientException"]).await
    }
}

case! {
    /// An Authorization header that cannot be read is an incomplete signature.
    pub INCOMPLETE = "wire.auth.incomplete",
    clauses: ["wire.auth.incomplete-signature"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    needs: [StrictSignatures],
    async fn incomplete(scope) {
        for malformed in ["AWS4-HMAC-SHA256 nonsense", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/sqs/aws4_request"] {
            for mut call in calls(scope)? {
                if let Ok(value) = malformed.parse() {
                    call.headers_mut().insert("authorization", value);
                }
                expect(&unsigned(scope, call).await?, 400, &["IncompleteSignature"])?;
            }
        }
        Ok(())
    }
}

case! {
    /// A presigned GET works as long as it is valid.
    pub PRESIGNED = "wire.auth.presigned",
    clauses: ["wire.sqs.get-on-queue-url"],
    cost: 3 requests, 65 seconds,
    protocols: [Json],
    needs: [StrictSignatures],
    async fn presigned(scope) {
        let path = format!("/?{}", super::support::form("ListQueues", &[("QueueNamePrefix", &scope.name("none"))]));
        let request = scope.raw().request("GET", &path).body(Bytes::new()).map_err(super::support::ours)?;
        let how = Signing::default().presigned_for(Duration::from_secs(60));
        let signed = scope.raw().sign(request, &how).await.map_err(super::support::ours)?;
        equal("while it is valid", 200, unsigned(scope, signed.clone()).await?.status)?;
        scope.sleep(Duration::from_secs(61)).await;
        let late = unsigned(scope, signed).await?;
        holds("after that", (400..500).contains(&late.status), late.status)
    }
}
