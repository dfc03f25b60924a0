//! Platform applications, and the devices that are registered with them.

use super::sms::letter;
use super::support::{invalid, topic};
use crate::sqs::support::{equal, holds, refused, text};
use proofmark_conform::{Scope, Stop, case};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const CHARACTERS: &str = "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'";
const TOO_MUCH_DATA: &str =
    "Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding";

/// A platform application. Outside of the reference it would need credentials of Google's.
async fn application(scope: &Scope, name: &str) -> Result<String, Stop> {
    let create = scope.sns().create_platform_application().name(name).platform("GCM");
    Ok(text(create.attributes("PlatformCredential", "secret").send().await?.platform_application_arn()))
}

/// A device of an application.
async fn device(scope: &Scope, application: &str, token: &str) -> Result<String, Stop> {
    let create = scope.sns().create_platform_endpoint().platform_application_arn(application).token(token);
    Ok(text(create.send().await?.endpoint_arn()))
}

async fn attributes(scope: &Scope, device: &str) -> Result<BTreeMap<String, String>, Stop> {
    let answer = scope.sns().get_endpoint_attributes().endpoint_arn(device).send().await?;
    Ok(answer.attributes.unwrap_or_default().into_iter().collect())
}

async fn set(scope: &Scope, device: &str, name: &str, value: &str) -> Result<(), Stop> {
    scope.sns().set_endpoint_attributes().endpoint_arn(device).attributes(name, value).send().await?;
    Ok(())
}

case! {
    /// What is wrong with the name or the platform of an application is said.
    pub APP_NAMES = "sns.push.application_names",
    clauses: ["sns.push.app-name"],
    cost: 12 requests, 4 seconds,
    protocols: [Query],
    async fn application_names(scope) {
        let create = |name: &str, platform: &str| {
            let create = scope.sns().create_platform_application().name(name).platform(platform);
            create.attributes("PlatformCredential", "secret").send()
        };
        invalid(scope, create("", "GCM").await, " Reason: cannot be empty")?;
        for wrong in ["@name", "a b", "a/b", "é"] {
            invalid(scope, create(wrong, "GCM").await, &format!("{wrong} Reason: {CHARACTERS}"))?;
        }
        invalid(scope, create(&"x".repeat(257), "GCM").await, "")?;
        for wrong in ["AAA", "gcm", ""] {
            invalid(scope, create(&scope.name("app"), wrong).await, &format!("Platform Reason: {wrong} is not supported"))?;
        }
        let without = scope.sns().create_platform_application().name(scope.name("app")).platform("GCM");
        invalid(scope, without.attributes("PlatformCredential", "").send().await, "")
    }
}

case! {
    /// An application is created, read, changed, listed and deleted. Its credential is never shown.
    pub APPLICATIONS = "sns.push.applications",
    clauses: ["sns.push.app-name", "wire.pagination.sns"],
    cost: 116 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn applications(scope) {
        let sns = scope.sns();
        let longest = format!("{:x<256}", "Az09_-.");
        let arn = application(scope, &longest).await?;
        holds("platform and name in the ARN", arn.ends_with(&format!(":app/GCM/{longest}")), &arn)?;
        sns.set_platform_application_attributes().platform_application_arn(&arn).attributes("SuccessFeedbackSampleRate", "7").send().await?;
        let get = |arn: &str| sns.get_platform_application_attributes().platform_application_arn(arn).send();
        let expected = HashMap::from([("Enabled".to_owned(), "true".to_owned()), ("SuccessFeedbackSampleRate".into(), "7".into())]);
        equal("what is shown", Some(expected), get(&arn).await?.attributes)?;
        let mut arns = BTreeSet::from([arn.clone()]);
        for number in 0..100 {
            arns.insert(application(scope, &format!("app-{number}")).await?);
        }
        let first = sns.list_platform_applications().send().await?;
        let last = sns.list_platform_applications().set_next_token(first.next_token.clone()).send().await?;
        equal("two pages", (100, 1, None), (first.platform_applications().len(), last.platform_applications().len(), last.next_token()))?;
        let listed = first.platform_applications().iter().chain(last.platform_applications());
        equal("each once", arns, listed.map(|one| text(one.platform_application_arn())).collect())?;
        let device = device(scope, &arn, "token").await?;
        for _ in 0..2 {
            sns.delete_platform_application().platform_application_arn(&arn).send().await?;
        }
        refused(scope, get(&arn).await, "NotFound", 404, "")?;
        let gone = sns.get_endpoint_attributes().endpoint_arn(&device).send().await;
        refused(scope, gone, "NotFound", 404, "")?;
        let create = sns.create_platform_endpoint().platform_application_arn(&arn).token("t").send().await;
        refused(scope, create, "NotFound", 404, "")?;
        invalid(scope, get("nonsense").await, "")?;
        invalid(scope, sns.get_endpoint_attributes().endpoint_arn("nonsense").send().await, "")
    }
}

case! {
    /// A token that is known gives back its endpoint if the attributes are the same, and else is refused.
    pub ENDPOINT_AGAIN = "sns.push.endpoint_again",
    clauses: ["sns.push.endpoint-idempotent"],
    cost: 14 requests, 4 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn endpoint_again(scope) {
        let app = application(scope, "app").await?;
        let create = |app: &str| scope.sns().create_platform_endpoint().platform_application_arn(app).token("token");
        let arn = text(create(&app).custom_user_data("data").send().await?.endpoint_arn());
        holds("the ARN", arn.contains(":endpoint/GCM/app/"), &arn)?;
        equal("the same", Some(arn.as_str()), create(&app).custom_user_data("data").send().await?.endpoint_arn())?;
        let text = format!("Token Reason: Endpoint {arn} already exists with the same Token, but different attributes.");
        invalid(scope, create(&app).custom_user_data("other").send().await, &text)?;
        invalid(scope, create(&app).send().await, &text)?;
        invalid(scope, create(&app).custom_user_data("data").attributes("Enabled", "false").send().await, &text)?;
        let expected = BTreeMap::from([("CustomUserData", "data"), ("Enabled", "true"), ("Token", "token")]);
        let shown = attributes(scope, &arn).await?;
        equal("nothing has changed", expected, shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())?;
        let other = application(scope, "other").await?;
        let elsewhere = create(&other).custom_user_data("data").send().await?;
        holds("another application, another endpoint", elsewhere.endpoint_arn() != Some(arn.as_str()), &elsewhere)
    }
}

case! {
    /// CustomUserData has up to 2048 bytes; Enabled is true or false; there are no other attributes than these and Token.
    pub CUSTOM_USER_DATA = "sns.push.device_attributes",
    clauses: ["sns.push.custom-user-data"],
    cost: 18 requests, 4 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn device_attributes(scope) {
        let app = application(scope, "app").await?;
        let device = device(scope, &app, "token").await?;
        let most = "é".repeat(1_024);
        set(scope, &device, "CustomUserData", &most).await?;
        set(scope, &device, "Token", "new").await?;
        set(scope, &device, "Enabled", "false").await?;
        let before = attributes(scope, &device).await?;
        let expected = [("CustomUserData", most.as_str()), ("Enabled", "false"), ("Token", "new")];
        equal("as set", expected.to_vec(), before.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())?;
        let too_much = format!("{most}x");
        for (name, value, text) in [("CustomUserData", too_much.as_str(), TOO_MUCH_DATA), ("Enabled", "yes", ""), ("Colour", "red", "")] {
            let result = scope.sns().set_endpoint_attributes().endpoint_arn(&device).attributes(name, value).attributes("Token", "x");
            invalid(scope, result.send().await, text)?;
        }
        let create = scope.sns().create_platform_endpoint().platform_application_arn(&app).token("other");
        invalid(scope, create.custom_user_data(&too_much).send().await, TOO_MUCH_DATA)?;
        equal("nothing has changed", before, attributes(scope, &device).await?)?;
        let listed = scope.sns().list_endpoints_by_platform_application().platform_application_arn(&app).send().await?;
        equal("one device", vec![Some(device.as_str())], listed.endpoints().iter().map(|one| one.endpoint_arn()).collect())
    }
}

case! {
    /// A device gets what is published to it, under the key of its platform, unless it or its application is disabled.
    pub DISABLED = "sns.push.disabled_device",
    clauses: ["sns.push.disabled", "sns.publish.missing-target", "sns.publish.structure-select", "wire.sns.code-map"],
    cost: 18 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn disabled_device(scope) {
        let app = application(scope, "app").await?;
        let device = device(scope, &app, "token").await?;
        let publish = || scope.sns().publish().target_arn(&device).message_structure("json").message(r#"{"default":"all","GCM":"for Android"}"#).send();
        publish().await?;
        equal("what the device gets", "for Android".to_owned(), letter(scope, "application", &device).await?)?;
        set(scope, &device, "Enabled", "false").await?;
        refused(scope, publish().await, "EndpointDisabled", 400, "")?;
        set(scope, &device, "Enabled", "true").await?;
        publish().await?;
        let long = scope.sns().publish().target_arn(&device).message("x".repeat(262_145)).send().await;
        invalid(scope, long, "Message too long")?;
        let enable = |value: &str| {
            scope.sns().set_platform_application_attributes().platform_application_arn(&app).attributes("Enabled", value).send()
        };
        enable("false").await?;
        refused(scope, publish().await, "PlatformApplicationDisabled", 400, "")?;
        enable("true").await?;
        let foreign = scope.sns_as(proofmark_conform::Identity::Second)?.publish().target_arn(&device).message("x").send().await;
        invalid(scope, foreign, "TargetArn Reason: No endpoint found for the target arn specified")?;
        for _ in 0..2 {
            scope.sns().delete_endpoint().endpoint_arn(&device).send().await?;
        }
        invalid(scope, publish().await, "TargetArn Reason: No endpoint found for the target arn specified")
    }
}

case! {
    /// A device can be subscribed to a topic, confirmed from the start; one that was deleted cannot.
    pub SUBSCRIBED = "sns.push.subscribed_device",
    clauses: ["sns.sub.application-missing", "sns.sub.protocols"],
    cost: 14 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn subscribed_device(scope) {
        let topic = topic(scope).await?;
        let app = application(scope, "app").await?;
        let (kept, deleted) = (device(scope, &app, "kept").await?, device(scope, &app, "deleted").await?);
        let arn = text(topic.subscribe("application", &kept, &[]).send().await?.subscription_arn());
        let shown = super::support::subscription_attributes(scope, &arn).await?;
        equal("confirmed", Some("false"), shown.get("PendingConfirmation").map(String::as_str))?;
        scope.sns().delete_endpoint().endpoint_arn(&deleted).send().await?;
        let text = format!("Endpoint Reason: Endpoint does not exist for endpoint {deleted}");
        invalid(scope, topic.subscribe("application", &deleted, &[]).send().await, &text)?;
        topic.publish("hello").await?;
        equal("what the device gets", "hello".to_owned(), letter(scope, "application", &kept).await?)
    }
}

case! {
    /// The devices of an application come in pages of 100, each once; another account sees none of it.
    pub PAGES = "sns.push.pages",
    clauses: ["wire.pagination.sns"],
    cost: 110 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight, SecondAccount],
    async fn pages(scope) {
        let (app, other) = (application(scope, "app").await?, application(scope, "other").await?);
        device(scope, &other, "elsewhere").await?;
        let mut devices = BTreeSet::new();
        for number in 0..101 {
            devices.insert(device(scope, &app, &format!("token-{number}")).await?);
        }
        let list = || scope.sns().list_endpoints_by_platform_application().platform_application_arn(&app);
        let first = list().send().await?;
        let last = list().set_next_token(first.next_token.clone()).send().await?;
        equal("two pages", (100, 1, None), (first.endpoints().len(), last.endpoints().len(), last.next_token()))?;
        let listed = first.endpoints().iter().chain(last.endpoints());
        equal("each once", devices, listed.map(|one| text(one.endpoint_arn())).collect())?;
        let stranger = scope.sns_as(proofmark_conform::Identity::Second)?;
        equal("nothing of its own", 0, stranger.list_platform_applications().send().await?.platform_applications().len())?;
        let peek = stranger.get_platform_application_attributes().platform_application_arn(&app).send().await;
        refused(scope, peek, "NotFound", 404, "")
    }
}
