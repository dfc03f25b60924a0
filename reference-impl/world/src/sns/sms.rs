//! Phone numbers: the account's SMS settings, numbers that opted out, and the sandbox.

use super::api::{
    AttributeMap, CheckIfPhoneNumberIsOptedOutOutput, CreateSmsSandboxPhoneNumberInput, Empty, GetSmsAttributesInput,
    GetSmsSandboxAccountStatusOutput, ListOriginationNumbersInput, ListOriginationNumbersOutput,
    ListPhoneNumbersOptedOutInput, ListPhoneNumbersOptedOutOutput, ListSmsSandboxPhoneNumbersInput,
    ListSmsSandboxPhoneNumbersOutput, PhoneNumberInput, SandboxPhoneNumberInput, SetSmsAttributesInput,
    SmsAttributesOutput, SmsSandboxPhoneNumber, VerifySmsSandboxPhoneNumberInput,
};
use super::errors::{INVALID_PARAMETER, RESOURCE_NOT_FOUND, USER_ERROR, VERIFICATION, invalid_because, required};
use super::subscription::phone_number;
use super::topics::{page, read_token};
use super::{Context, Sns, limits};
use crate::Timestamp;
use crate::deliver::inbox::Letter;
use crate::error::ApiError;
use std::collections::BTreeMap;

/// The settings that SetSMSAttributes knows.
const SETTINGS: [&str; 6] = [
    "DefaultSMSType",
    "DefaultSenderID",
    "DeliveryStatusIAMRole",
    "DeliveryStatusSuccessSamplingRate",
    "MonthlySpendLimit",
    "UsageReportS3Bucket",
];

/// The phones of one account in one Region.
#[derive(Debug)]
pub(super) struct Telephony {
    settings: AttributeMap,
    /// Numbers of the sandbox: verified, or with the password that is to be given.
    sandbox: BTreeMap<String, Option<String>>,
    opted_in: BTreeMap<String, Timestamp>,
}

impl Default for Telephony {
    fn default() -> Self {
        let settings = [("MonthlySpendLimit".to_owned(), "1".to_owned())].into();
        Telephony { settings, sandbox: BTreeMap::new(), opted_in: BTreeMap::new() }
    }
}

impl Sns {
    fn telephony(&mut self, context: &Context<'_, '_>) -> &mut Telephony {
        let caller = context.caller;
        self.telephony.entry((caller.account, caller.region.clone())).or_default()
    }

    pub(super) fn set_sms_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SetSmsAttributesInput,
    ) -> Result<Empty, ApiError> {
        let attributes = required(input.attributes, "attributes")?;
        attributes.iter().try_for_each(|(name, value)| check_setting(name, value))?;
        self.telephony(context).settings.extend(attributes);
        Ok(Empty {})
    }

    pub(super) fn get_sms_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: GetSmsAttributesInput,
    ) -> Result<SmsAttributesOutput, ApiError> {
        let names = input.attribute_names.unwrap_or_default();
        let mut attributes = self.telephony(context).settings.clone();
        attributes.retain(|name, _| names.is_empty() || names.contains(name));
        Ok(SmsAttributesOutput { attributes: Some(attributes) })
    }

    pub(super) fn check_if_phone_number_is_opted_out(
        &mut self,
        _context: &mut Context<'_, '_>,
        input: PhoneNumberInput,
    ) -> Result<CheckIfPhoneNumberIsOptedOutOutput, ApiError> {
        let number = read_number(input.phone_number)?;
        Ok(CheckIfPhoneNumberIsOptedOutOutput { is_opted_out: Some(self.opted_out.contains(&number)) })
    }

    pub(super) fn opt_in_phone_number(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PhoneNumberInput,
    ) -> Result<Empty, ApiError> {
        let number = read_number(input.phone_number)?;
        let now = context.road.now;
        if self.opted_out.contains(&number) {
            let opted_in = &mut self.telephony(context).opted_in;
            let too_soon = opted_in.get(&number).is_some_and(|at| now < *at + limits::OPT_IN_INTERVAL);
            if too_soon {
                return Err(invalid_because("PhoneNumber", "a number can be opted in once every 30 days"));
            }
            opted_in.insert(number.clone(), now);
            self.opted_out.remove(&number);
        }
        Ok(Empty {})
    }

    /// What a phone does that answers STOP. There is no operation for it; a test tells the world.
    pub(crate) fn opt_out(&mut self, number: &str) -> bool {
        phone_number(number).is_some_and(|number| self.opted_out.insert(number))
    }

    pub(super) fn list_phone_numbers_opted_out(
        &mut self,
        _context: &mut Context<'_, '_>,
        input: ListPhoneNumbersOptedOutInput,
    ) -> Result<ListPhoneNumbersOptedOutOutput, ApiError> {
        let after = read_token(input.next_token.as_deref())?;
        let rest = self.opted_out.iter().filter(|number| **number > after).cloned();
        let (phone_numbers, next_token) = page(rest, Clone::clone);
        Ok(ListPhoneNumbersOptedOutOutput { phone_numbers: Some(phone_numbers), next_token })
    }

    pub(super) fn get_sms_sandbox_account_status(
        &mut self,
        _context: &mut Context<'_, '_>,
        _input: Empty,
    ) -> Result<GetSmsSandboxAccountStatusOutput, ApiError> {
        Ok(GetSmsSandboxAccountStatusOutput { is_in_sandbox: Some(false) })
    }

    pub(super) fn create_sms_sandbox_phone_number(
        &mut self,
        context: &mut Context<'_, '_>,
        input: CreateSmsSandboxPhoneNumberInput,
    ) -> Result<Empty, ApiError> {
        let number = read_number(input.phone_number)?;
        let sandbox = &self.telephony(context).sandbox;
        if !sandbox.contains_key(&number) && sandbox.len() >= limits::SANDBOX_NUMBERS {
            return Err(ApiError::new(&USER_ERROR, "The sandbox holds 10 destination phone numbers."));
        }
        let password = format!("{:06}", context.road.common.random.below(1_000_000));
        let text = format!("Your AWS SNS one-time password is {password}.");
        let letter = Letter::new(context.road.now, "sms", number.as_str().into(), text);
        context.road.leave_letter(letter);
        self.telephony(context).sandbox.insert(number, Some(password));
        Ok(Empty {})
    }

    pub(super) fn verify_sms_sandbox_phone_number(
        &mut self,
        context: &mut Context<'_, '_>,
        input: VerifySmsSandboxPhoneNumberInput,
    ) -> Result<Empty, ApiError> {
        let number = read_number(input.phone_number)?;
        let password = required(input.one_time_password, "oneTimePassword")?;
        let known = self.telephony(context).sandbox.get_mut(&number).ok_or_else(no_such_number)?;
        match known {
            Some(expected) if *expected != password => {
                Err(ApiError::new(&VERIFICATION, "The one-time password is not right."))
            }
            _ => {
                *known = None;
                Ok(Empty {})
            }
        }
    }

    pub(super) fn delete_sms_sandbox_phone_number(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SandboxPhoneNumberInput,
    ) -> Result<Empty, ApiError> {
        let number = read_number(input.phone_number)?;
        let removed = self.telephony(context).sandbox.remove(&number);
        removed.map(|_| Empty {}).ok_or_else(no_such_number)
    }

    pub(super) fn list_sms_sandbox_phone_numbers(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ListSmsSandboxPhoneNumbersInput,
    ) -> Result<ListSmsSandboxPhoneNumbersOutput, ApiError> {
        let after = read_token(input.next_token.as_deref())?;
        let rest = self.telephony(context).sandbox.iter().filter(|(number, _)| **number > after);
        let (page, next_token) = page(rest, |(number, _)| (*number).clone());
        let shown = |(number, password): (&String, &Option<String>)| SmsSandboxPhoneNumber {
            phone_number: Some(number.clone()),
            status: Some(if password.is_some() { "Pending" } else { "Verified" }.to_owned()),
        };
        Ok(ListSmsSandboxPhoneNumbersOutput { phone_numbers: Some(page.into_iter().map(shown).collect()), next_token })
    }

    pub(super) fn list_origination_numbers(
        &mut self,
        _context: &mut Context<'_, '_>,
        _input: ListOriginationNumbersInput,
    ) -> Result<ListOriginationNumbersOutput, ApiError> {
        Ok(ListOriginationNumbersOutput { phone_numbers: Some(Vec::new()), next_token: None })
    }
}

fn no_such_number() -> ApiError {
    ApiError::new(&RESOURCE_NOT_FOUND, "The phone number is not in the sandbox.")
}

fn read_number(given: Option<String>) -> Result<String, ApiError> {
    let given = required(given, "phoneNumber")?;
    phone_number(&given).ok_or_else(|| invalid_because("PhoneNumber", "input incorrectly formatted"))
}

fn check_setting(name: &str, value: &str) -> Result<(), ApiError> {
    if !SETTINGS.contains(&name) {
        return Err(wrong_setting(format!("{name} is not a valid attribute")));
    }
    match name {
        "DefaultSMSType" if !matches!(value, "Promotional" | "Transactional") => {
            Err(wrong_setting("DefaultSMSType is invalid"))
        }
        "DefaultSenderID" if !is_sender_id(value) => Err(wrong_setting("DefaultSendID is not a valid attribute")),
        _ => Ok(()),
    }
}

/// These texts alone do not begin with `Invalid parameter: ` (`sns.sms.attributes`).
fn wrong_setting(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(&INVALID_PARAMETER, text)
}

fn is_sender_id(value: &str) -> bool {
    let fits = (1..=limits::SENDER_ID_CHARACTERS).contains(&value.len());
    let charset = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits && charset && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}
