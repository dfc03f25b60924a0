//! Phone numbers: SMS, the account's settings for it, numbers that opted out, the sandbox.

use super::support::{Topic, invalid, topic};
use crate::sqs::support::{PATIENCE, equal, holds, refused, seconds};
use aws_sdk_sns::types::SmsSandboxPhoneNumberVerificationStatus;
use proofmark_conform::{Scope, Seen, Stop, case};
use std::collections::BTreeMap;

const PHONE: &str = "+14255550100";
const BAD_FORMAT: &str = "PhoneNumber Reason: input incorrectly formatted";

/// The latest letter to an endpoint, sooner or later.
pub(super) async fn letter(scope: &Scope, protocol: &str, endpoint: &str) -> Result<String, Stop> {
    let look = async || {
        let letters = letters(scope, protocol, endpoint)?;
        Ok(Seen::some_or(letters.last().cloned(), "no letter"))
    };
    scope.eventually("a letter arrives", PATIENCE, look).await
}

/// All letters to an endpoint, the oldest first.
pub(super) fn letters(scope: &Scope, protocol: &str, endpoint: &str) -> Result<Vec<String>, Stop> {
    Ok(scope.insight()?.seen(|seen| {
        let letters =
            seen.inbox.letters().filter(|letter| letter.protocol == protocol && &*letter.endpoint == endpoint);
        letters.map(|letter| letter.body.clone()).collect()
    }))
}

async fn settings(scope: &Scope) -> Result<BTreeMap<String, String>, Stop> {
    let answer = scope.sns().get_sms_attributes().send().await?;
    Ok(answer.attributes.unwrap_or_default().into_iter().collect())
}

case! {
    /// The settings for SMS: what is refused changes nothing.
    pub WRONG_SETTINGS = "sns.sms.wrong_settings",
    clauses: ["sns.sms.attributes"],
    cost: 14 requests, 4 seconds,
    protocols: [Query],
    async fn wrong_settings(scope) {
        let before = settings(scope).await?;
        let wrong = [
            ("DefaultSMSType", "promotional", "DefaultSMSType is invalid"),
            ("DefaultSMSType", "", "DefaultSMSType is invalid"),
            ("DefaultSenderID", "", "DefaultSendID is not a valid attribute"),
            ("DefaultSenderID", "123456", "DefaultSendID is not a valid attribute"),
            ("DefaultSenderID", "abcdefghijkl", "DefaultSendID is not a valid attribute"),
            ("DefaultSenderID", "a_b", "DefaultSendID is not a valid attribute"),
            ("NoSuchSetting", "1", "NoSuchSetting is not a valid attribute"),
        ];
        for (name, value, text) in wrong {
            let set = scope.sns().set_sms_attributes().attributes(name, value).attributes("MonthlySpendLimit", "0");
            refused(scope, set.send().await, "InvalidParameter", 400, text)?;
        }
        equal("nothing has changed", before, settings(scope).await?)
    }
}

case! {
    /// The settings for SMS: a limit of 1 at first, and what is set is read back, all of it or by name.
    pub SETTINGS = "sns.sms.settings",
    clauses: ["sns.sms.attributes"],
    cost: 12 requests, 4 seconds,
    protocols: [Query],
    // They are the account's: elsewhere they may have been set, and should be left alone.
    needs: [Insight],
    async fn settings_of_the_account(scope) {
        let mut expected = BTreeMap::from([("MonthlySpendLimit".to_owned(), "1".to_owned())]);
        equal("at first", expected.clone(), settings(scope).await?)?;
        let all = [("DefaultSMSType", "Transactional"), ("DefaultSMSType", "Promotional"), ("DefaultSenderID", "a"),
            ("DefaultSenderID", "1234567890a"), ("DefaultSenderID", "My-Shop"), ("MonthlySpendLimit", "2"),
            ("UsageReportS3Bucket", "bucket"), ("DeliveryStatusSuccessSamplingRate", "50")];
        for (name, value) in all {
            scope.sns().set_sms_attributes().attributes(name, value).send().await?;
            expected.insert(name.to_owned(), value.to_owned());
            equal("what is set", expected.clone(), settings(scope).await?)?;
        }
        let one = scope.sns().get_sms_attributes().attributes("DefaultSenderID").send().await?;
        let shown = one.attributes.unwrap_or_default().into_iter().collect::<Vec<_>>();
        equal("by name", vec![("DefaultSenderID".to_owned(), "My-Shop".to_owned())], shown)
    }
}

case! {
    /// A number that never opted out can be opted in and asked about; what is no number cannot.
    pub OPT_IN = "sns.sms.opt_in",
    clauses: ["sns.sms.optin"],
    cost: 10 requests, 4 seconds,
    protocols: [Query],
    async fn opt_in(scope) {
        for wrong in ["not-a-number", "", "+1--4255550100", "123"] {
            invalid(scope, scope.sns().opt_in_phone_number().phone_number(wrong).send().await, BAD_FORMAT)?;
            invalid(scope, scope.sns().check_if_phone_number_is_opted_out().phone_number(wrong).send().await, BAD_FORMAT)?;
        }
        scope.sns().opt_in_phone_number().phone_number(PHONE).send().await?;
        let answer = scope.sns().check_if_phone_number_is_opted_out().phone_number(PHONE).send().await?;
        equal("not opted out", false, answer.is_opted_out())
    }
}

case! {
    /// A number that opted out gets nothing until it is opted in again, which works once in 30 days.
    pub OPTED_OUT = "sns.sms.opted_out",
    clauses: ["sns.sms.optin", "wire.sns.code-map", "wire.pagination.sns"],
    cost: 20 requests, 2592100 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn opted_out(scope) {
        let (reference, sns) = (scope.insight()?, scope.sns());
        let publish = || sns.publish().phone_number(PHONE).message("hello").send();
        let opt_in = || sns.opt_in_phone_number().phone_number(PHONE).send();
        holds("the number opts out", reference.opt_out(PHONE), PHONE)?;
        refused(scope, publish().await, "OptedOut", 400, "")?;
        let answer = sns.check_if_phone_number_is_opted_out().phone_number("+1 425-555-0100").send().await?;
        equal("opted out", true, answer.is_opted_out())?;
        let listed = sns.list_phone_numbers_opted_out().send().await?;
        equal("listed", vec![PHONE.to_owned()], listed.phone_numbers().to_vec())?;
        opt_in().await?;
        publish().await?;
        equal("an SMS", "hello".to_owned(), letter(scope, "sms", PHONE).await?)?;
        reference.opt_out(PHONE);
        invalid(scope, opt_in().await, "")?;
        refused(scope, publish().await, "OptedOut", 400, "")?;
        let topic: Topic<'_> = topic(scope).await?;
        topic.subscribe("sms", PHONE, &[]).send().await?;
        topic.publish("by topic").await?;
        scope.sleep(seconds(5)).await;
        let by_topic = letters(scope, "sms", PHONE)?.iter().any(|body| body.contains("by topic"));
        holds("nor by a topic", !by_topic, "an SMS")?;
        scope.sleep(seconds(30 * 86_400)).await;
        opt_in().await?;
        equal("none is listed", 0, sns.list_phone_numbers_opted_out().send().await?.phone_numbers().len())?;
        for number in 0..101 {
            reference.opt_out(&format!("+1425555{number:04}"));
        }
        let first = sns.list_phone_numbers_opted_out().send().await?;
        let last = sns.list_phone_numbers_opted_out().set_next_token(first.next_token.clone()).send().await?;
        equal("two pages", (100, 1, None), (first.phone_numbers().len(), last.phone_numbers().len(), last.next_token()))
    }
}

case! {
    /// An SMS of more than 1600 bytes is refused.
    pub TOO_LONG = "sns.sms.too_long",
    clauses: ["sns.sms.size"],
    cost: 2 requests, 2 seconds,
    protocols: [Query],
    async fn too_long(scope) {
        let published = scope.sns().publish().phone_number(PHONE).message("é".repeat(800) + "x").send().await;
        invalid(scope, published, "")
    }
}

case! {
    /// An SMS has up to 1600 bytes, whether it is published to the number or to a topic of the number's.
    pub ARRIVES = "sns.sms.arrives",
    clauses: ["sns.sms.size", "sns.publish.phone"],
    cost: 8 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn arrives(scope) {
        let longest = "x".repeat(1_600);
        scope.sns().publish().phone_number("+1 425 555-0100").message(&longest).send().await?;
        equal("the SMS", longest, letter(scope, "sms", PHONE).await?)?;
        let topic: Topic<'_> = topic(scope).await?;
        topic.subscribe("sms", "+14255550101", &[]).send().await?;
        topic.publish("by topic").await?;
        equal("the SMS of a topic", "by topic".to_owned(), letter(scope, "sms", "+14255550101").await?)?;
        equal("one SMS each", 1, letters(scope, "sms", PHONE)?.len())
    }
}

async fn sandbox(scope: &Scope) -> Result<Vec<(String, Option<SmsSandboxPhoneNumberVerificationStatus>)>, Stop> {
    let answer = scope.sns().list_sms_sandbox_phone_numbers().send().await?;
    let numbers = answer.phone_numbers().iter();
    Ok(numbers.map(|one| (one.phone_number().unwrap_or_default().to_owned(), one.status().cloned())).collect())
}

case! {
    /// A number of the sandbox is pending until it is verified with the password that it was sent.
    pub SANDBOX = "sns.sms.sandbox",
    clauses: ["wire.sns.code-map"],
    cost: 16 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn sandbox_numbers(scope) {
        use SmsSandboxPhoneNumberVerificationStatus::{Pending, Verified};
        let sns = scope.sns();
        equal("an account without a sandbox", false, sns.get_sms_sandbox_account_status().send().await?.is_in_sandbox())?;
        sns.create_sms_sandbox_phone_number().phone_number(PHONE).send().await?;
        equal("pending", vec![(PHONE.to_owned(), Some(Pending))], sandbox(scope).await?)?;
        let password: String = letter(scope, "sms", PHONE).await?.chars().filter(char::is_ascii_digit).collect();
        let verify = |number: &str, password: &str| {
            sns.verify_sms_sandbox_phone_number().phone_number(number).one_time_password(password).send()
        };
        refused(scope, verify(PHONE, "wrong").await, "VerificationException", 400, "")?;
        refused(scope, verify("+14255550199", &password).await, "ResourceNotFound", 404, "")?;
        equal("still pending", vec![(PHONE.to_owned(), Some(Pending))], sandbox(scope).await?)?;
        verify(PHONE, &password).await?;
        equal("verified", vec![(PHONE.to_owned(), Some(Verified))], sandbox(scope).await?)?;
        let delete = || sns.delete_sms_sandbox_phone_number().phone_number(PHONE).send();
        delete().await?;
        refused(scope, delete().await, "ResourceNotFound", 404, "")?;
        for number in 0..10 {
            sns.create_sms_sandbox_phone_number().phone_number(format!("+1425555010{number}")).send().await?;
        }
        let eleventh = sns.create_sms_sandbox_phone_number().phone_number("+14255550110").send().await;
        refused(scope, eleventh, "UserError", 400, "")?;
        equal("ten numbers", 10, sandbox(scope).await?.len())
    }
}
