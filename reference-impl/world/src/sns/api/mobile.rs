//! The shapes of mobile push and SMS.

use super::AttributeMap;
use crate::operations::input;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

input! {
    /// Input of the operations that take nothing but a phone number.
    PhoneNumberInput {
        /// The number, in E.164 form.
        #[serde(rename = "phoneNumber")]
        phone_number: String,
    }
}

input! {
    /// Input of DeleteSMSSandboxPhoneNumber.
    SandboxPhoneNumberInput {
        /// The number, in E.164 form.
        phone_number: String,
    }
}

input! {
    /// Output of CheckIfPhoneNumberIsOptedOut.
    CheckIfPhoneNumberIsOptedOutOutput {
        /// Whether the number takes no more messages.
        #[serde(rename = "isOptedOut")]
        is_opted_out: bool,
    }
}

input! {
    /// Input of CreatePlatformApplication.
    CreatePlatformApplicationInput {
        /// The name, at most 256 characters.
        name: String,
        /// `ADM`, `APNS`, `GCM` and so on.
        platform: String,
        /// Credentials and event topics.
        attributes: AttributeMap,
    }
}

input! {
    /// Output of CreatePlatformApplication.
    PlatformApplicationArnOutput {
        /// The application.
        platform_application_arn: Arc<str>,
    }
}

input! {
    /// Input of the operations that take nothing but a platform application.
    PlatformApplicationArnInput {
        /// The application.
        platform_application_arn: Arc<str>,
    }
}

input! {
    /// Input of SetPlatformApplicationAttributes.
    SetPlatformApplicationAttributesInput {
        /// The application.
        platform_application_arn: Arc<str>,
        /// The attributes to change.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of CreatePlatformEndpoint.
    CreatePlatformEndpointInput {
        /// The application.
        platform_application_arn: Arc<str>,
        /// The device's token.
        token: String,
        /// Anything the caller wants to keep with the device, at most 2,048 bytes.
        custom_user_data: String,
        /// The device's attributes.
        attributes: AttributeMap,
    }
}

input! {
    /// Output of CreatePlatformEndpoint.
    EndpointArnOutput {
        /// The device.
        endpoint_arn: Arc<str>,
    }
}

input! {
    /// Input of the operations that take nothing but a device.
    EndpointArnInput {
        /// The device.
        endpoint_arn: Arc<str>,
    }
}

input! {
    /// Input of SetEndpointAttributes.
    SetEndpointAttributesInput {
        /// The device.
        endpoint_arn: Arc<str>,
        /// The attributes to change.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of ListEndpointsByPlatformApplication.
    ListEndpointsByPlatformApplicationInput {
        /// The application.
        platform_application_arn: Arc<str>,
        /// The page to continue with.
        next_token: String,
    }
}

input! {
    /// Output of ListEndpointsByPlatformApplication.
    ListEndpointsByPlatformApplicationOutput {
        /// The devices.
        endpoints: Vec<Endpoint>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// A device of a platform application.
    Endpoint {
        /// The device.
        endpoint_arn: Arc<str>,
        /// Its attributes.
        attributes: AttributeMap,
    }
}

input! {
    /// Output of ListPlatformApplications.
    ListPlatformApplicationsOutput {
        /// The applications.
        platform_applications: Vec<PlatformApplication>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// A platform application.
    PlatformApplication {
        /// The application.
        platform_application_arn: Arc<str>,
        /// Its attributes, without credentials.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of CreateSMSSandboxPhoneNumber.
    CreateSmsSandboxPhoneNumberInput {
        /// The number, in E.164 form.
        phone_number: String,
        /// The language of the message with the password.
        language_code: String,
    }
}

input! {
    /// Input of VerifySMSSandboxPhoneNumber.
    VerifySmsSandboxPhoneNumberInput {
        /// The number, in E.164 form.
        phone_number: String,
        /// The password that the number was sent.
        one_time_password: String,
    }
}

input! {
    /// Output of GetSMSSandboxAccountStatus.
    GetSmsSandboxAccountStatusOutput {
        /// Whether the account may send to verified numbers only.
        is_in_sandbox: bool,
    }
}

input! {
    /// Input of ListSMSSandboxPhoneNumbers.
    ListSmsSandboxPhoneNumbersInput {
        /// The page to continue with.
        next_token: String,
        /// Page size, 1 to 100.
        max_results: i64,
    }
}

input! {
    /// Output of ListSMSSandboxPhoneNumbers.
    ListSmsSandboxPhoneNumbersOutput {
        /// The numbers.
        phone_numbers: Vec<SmsSandboxPhoneNumber>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// A number of the sandbox.
    SmsSandboxPhoneNumber {
        /// The number, in E.164 form.
        phone_number: String,
        /// `Pending` or `Verified`.
        status: String,
    }
}

input! {
    /// Input of ListOriginationNumbers.
    ListOriginationNumbersInput {
        /// The page to continue with.
        next_token: String,
        /// Page size, 1 to 30.
        max_results: i64,
    }
}

input! {
    /// Output of ListOriginationNumbers.
    ListOriginationNumbersOutput {
        /// The numbers: none, because the reference sells none.
        phone_numbers: Vec<OriginationNumber>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// A phone number that the account sends from.
    OriginationNumber {
        /// The number, in E.164 form.
        phone_number: String,
        /// Whether it can be used.
        status: String,
    }
}

input! {
    /// Input of ListPhoneNumbersOptedOut.
    ListPhoneNumbersOptedOutInput {
        /// The page to continue with.
        #[serde(rename = "nextToken")]
        next_token: String,
    }
}

input! {
    /// Output of ListPhoneNumbersOptedOut.
    ListPhoneNumbersOptedOutOutput {
        /// The numbers.
        #[serde(rename = "phoneNumbers")]
        phone_numbers: Vec<String>,
        /// Present if there is another page.
        #[serde(rename = "nextToken")]
        next_token: String,
    }
}

input! {
    /// Input of GetSMSAttributes.
    GetSmsAttributesInput {
        /// Which settings to return; all if none are named. AWS calls it `attributes`, as it calls the output.
        #[serde(rename = "attributeNames")]
        attribute_names: Vec<String>,
    }
}

input! {
    /// Output of GetSMSAttributes.
    SmsAttributesOutput {
        /// The settings.
        #[serde(rename = "attributes")]
        attributes: AttributeMap,
    }
}

input! {
    /// Input of SetSMSAttributes.
    SetSmsAttributesInput {
        /// The settings to change.
        #[serde(rename = "attributes")]
        attributes: AttributeMap,
    }
}
