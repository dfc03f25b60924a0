//! Platform applications and the devices that are registered with them.

use super::api::{
    AttributeMap, AttributesOutput, CreatePlatformApplicationInput, CreatePlatformEndpointInput, Empty, Endpoint,
    EndpointArnInput, EndpointArnOutput, ListEndpointsByPlatformApplicationInput,
    ListEndpointsByPlatformApplicationOutput, ListPlatformApplicationsOutput, NextTokenInput, PlatformApplication,
    PlatformApplicationArnInput, PlatformApplicationArnOutput, SetEndpointAttributesInput,
    SetPlatformApplicationAttributesInput,
};
use super::errors::{NOT_FOUND, invalid_because, required};
use super::topics::{page, read_arn, read_token};
use super::{Context, Sns, limits};
use crate::error::ApiError;
use crate::identity::{AccountId, Arn};
use std::ops::Bound;
use std::sync::Arc;

/// The push services that SNS knows.
const PLATFORMS: [&str; 10] =
    ["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM", "MACOS", "MACOS_SANDBOX", "WNS"];

/// The attributes that are never shown.
const SECRET: [&str; 2] = ["PlatformCredential", "PlatformPrincipal"];

const ENABLED: &str = "Enabled";
const TOKEN: &str = "Token";
const CUSTOM_USER_DATA: &str = "CustomUserData";

/// A platform application.
#[derive(Debug)]
pub(super) struct Application {
    arn: Arn,
    /// Which push service, as message structures call it too.
    pub(super) platform: String,
    attributes: AttributeMap,
}

impl Application {
    pub(super) fn is_enabled(&self) -> bool {
        self.attributes.get(ENABLED).is_none_or(|enabled| enabled == "true")
    }

    fn shown(&self) -> AttributeMap {
        let mut shown = self.attributes.clone();
        shown.retain(|name, _| !SECRET.contains(&name.as_str()));
        shown
    }
}

/// A device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) account: AccountId,
    /// The ARN of its application.
    pub(super) application: Arc<str>,
    attributes: AttributeMap,
}

impl Device {
    pub(super) fn is_enabled(&self) -> bool {
        self.attributes.get(ENABLED).is_some_and(|enabled| enabled == "true")
    }
}

impl Sns {
    pub(super) fn create_platform_application(
        &mut self,
        context: &mut Context<'_, '_>,
        input: CreatePlatformApplicationInput,
    ) -> Result<PlatformApplicationArnOutput, ApiError> {
        let name = required(input.name, "name")?;
        let platform = required(input.platform, "platform")?;
        let mut attributes = required(input.attributes, "attributes")?;
        check_application_name(&name)?;
        if !PLATFORMS.contains(&platform.as_str()) {
            return Err(invalid_because("Platform", format_args!("{platform} is not supported")));
        }
        if attributes.get("PlatformCredential").is_none_or(String::is_empty) {
            return Err(invalid_because("Attributes", "PlatformCredential cannot be empty"));
        }
        attributes.entry(ENABLED.to_owned()).or_insert_with(|| "true".to_owned());
        let caller = context.caller;
        let arn = Arn::new("sns", &caller.region, caller.account, &format!("app/{platform}/{name}"));
        let text: Arc<str> = arn.to_string().into();
        self.applications.insert(text.clone(), Application { arn, platform, attributes });
        Ok(PlatformApplicationArnOutput { platform_application_arn: Some(text) })
    }

    fn application(&self, context: &Context<'_, '_>, arn: Option<Arc<str>>) -> Result<Arc<str>, ApiError> {
        let arn = required(arn, "platformApplicationArn")?;
        read_arn("PlatformApplicationArn", &arn)?;
        let known = self.applications.get(&arn).is_some_and(|known| known.arn.account == context.caller.account);
        if known { Ok(arn) } else { Err(ApiError::new(&NOT_FOUND, "PlatformApplication does not exist")) }
    }

    pub(super) fn delete_platform_application(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PlatformApplicationArnInput,
    ) -> Result<Empty, ApiError> {
        let arn = required(input.platform_application_arn, "platformApplicationArn")?;
        if self.application(context, Some(arn.clone())).is_ok() {
            self.applications.remove(&arn);
            self.devices.retain(|_, device| device.application != arn);
        }
        Ok(Empty {})
    }

    pub(super) fn get_platform_application_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PlatformApplicationArnInput,
    ) -> Result<AttributesOutput, ApiError> {
        let arn = self.application(context, input.platform_application_arn)?;
        Ok(AttributesOutput { attributes: self.applications.get(&arn).map(Application::shown) })
    }

    pub(super) fn set_platform_application_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SetPlatformApplicationAttributesInput,
    ) -> Result<Empty, ApiError> {
        let arn = self.application(context, input.platform_application_arn)?;
        let attributes = required(input.attributes, "attributes")?;
        if let Some(application) = self.applications.get_mut(&arn) {
            application.attributes.extend(attributes);
        }
        Ok(Empty {})
    }

    pub(super) fn list_platform_applications(
        &mut self,
        context: &mut Context<'_, '_>,
        input: NextTokenInput,
    ) -> Result<ListPlatformApplicationsOutput, ApiError> {
        let after: Arc<str> = read_token(input.next_token.as_deref())?.into();
        let caller = context.caller;
        let range = self.applications.range((Bound::Excluded(after), Bound::Unbounded));
        let own = range.filter(|(_, one)| one.arn.account == caller.account && one.arn.region == caller.region);
        let (page, next_token) = page(own, |(arn, _)| arn.to_string());
        let shown = |(arn, application): (&Arc<str>, &Application)| PlatformApplication {
            platform_application_arn: Some(arn.clone()),
            attributes: Some(application.shown()),
        };
        Ok(ListPlatformApplicationsOutput {
            platform_applications: Some(page.into_iter().map(shown).collect()),
            next_token,
        })
    }

    pub(super) fn create_platform_endpoint(
        &mut self,
        context: &mut Context<'_, '_>,
        input: CreatePlatformEndpointInput,
    ) -> Result<EndpointArnOutput, ApiError> {
        let application = self.application(context, input.platform_application_arn)?;
        let token = required(input.token, "token")?;
        let mut attributes = input.attributes.unwrap_or_default();
        attributes.extend(input.custom_user_data.map(|data| (CUSTOM_USER_DATA.to_owned(), data)));
        check_device_attributes(&attributes)?;
        attributes.insert(TOKEN.to_owned(), token.clone());
        attributes.entry(ENABLED.to_owned()).or_insert_with(|| "true".to_owned());
        let same_token =
            |device: &&Device| device.application == application && device.attributes.get(TOKEN) == Some(&token);
        if let Some((arn, device)) = self.devices.iter().find(|(_, device)| same_token(device)) {
            if device.attributes == attributes {
                return Ok(EndpointArnOutput { endpoint_arn: Some(arn.clone()) });
            }
            let reason = format!("Endpoint {arn} already exists with the same Token, but different attributes.");
            return Err(invalid_because("Token", reason));
        }
        let of = &self.applications[&application];
        let name = of.arn.resource.strip_prefix("app/").unwrap_or_default();
        let resource = format!("endpoint/{name}/{}", context.road.common.random.uuid());
        let arn: Arc<str> = Arn::new("sns", &of.arn.region, of.arn.account, &resource).to_string().into();
        let device = Device { account: context.caller.account, application, attributes };
        self.devices.insert(arn.clone(), device);
        Ok(EndpointArnOutput { endpoint_arn: Some(arn) })
    }

    fn device(&mut self, context: &Context<'_, '_>, arn: Option<Arc<str>>) -> Result<&mut Device, ApiError> {
        let arn = required(arn, "endpointArn")?;
        read_arn("EndpointArn", &arn)?;
        let known = self.devices.get_mut(&arn).filter(|device| device.account == context.caller.account);
        known.ok_or_else(|| ApiError::new(&NOT_FOUND, "Endpoint does not exist"))
    }

    pub(super) fn delete_endpoint(
        &mut self,
        context: &mut Context<'_, '_>,
        input: EndpointArnInput,
    ) -> Result<Empty, ApiError> {
        let arn = required(input.endpoint_arn, "endpointArn")?;
        if self.device(context, Some(arn.clone())).is_ok() {
            self.devices.remove(&arn);
        }
        Ok(Empty {})
    }

    pub(super) fn get_endpoint_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: EndpointArnInput,
    ) -> Result<AttributesOutput, ApiError> {
        let device = self.device(context, input.endpoint_arn)?;
        Ok(AttributesOutput { attributes: Some(device.attributes.clone()) })
    }

    pub(super) fn set_endpoint_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SetEndpointAttributesInput,
    ) -> Result<Empty, ApiError> {
        let attributes = required(input.attributes, "attributes")?;
        let device = self.device(context, input.endpoint_arn)?;
        check_device_attributes(&attributes)?;
        device.attributes.extend(attributes);
        Ok(Empty {})
    }

    pub(super) fn list_endpoints_by_platform_application(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ListEndpointsByPlatformApplicationInput,
    ) -> Result<ListEndpointsByPlatformApplicationOutput, ApiError> {
        let application = self.application(context, input.platform_application_arn)?;
        let after: Arc<str> = read_token(input.next_token.as_deref())?.into();
        let range = self.devices.range((Bound::Excluded(after), Bound::Unbounded));
        let (page, next_token) =
            page(range.filter(|(_, device)| device.application == application), |(arn, _)| arn.to_string());
        let shown = |(arn, device): (&Arc<str>, &Device)| Endpoint {
            endpoint_arn: Some(arn.clone()),
            attributes: Some(device.attributes.clone()),
        };
        Ok(ListEndpointsByPlatformApplicationOutput {
            endpoints: Some(page.into_iter().map(shown).collect()),
            next_token,
        })
    }
}

fn check_application_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(invalid_because("", "cannot be empty"));
    }
    let charset = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if name.len() > limits::APPLICATION_NAME_CHARACTERS {
        return Err(invalid_because(name, "must be at most 256 characters long"));
    }
    if charset {
        return Ok(());
    }
    let reason = "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'";
    Err(invalid_because(name, reason))
}

fn check_device_attributes(attributes: &AttributeMap) -> Result<(), ApiError> {
    for (name, value) in attributes {
        match name.as_str() {
            CUSTOM_USER_DATA if value.len() > limits::CUSTOM_USER_DATA_BYTES => {
                let reason =
                    "Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding";
                return Err(invalid_because("Attributes", reason));
            }
            ENABLED if !matches!(value.as_str(), "true" | "false") => {
                return Err(invalid_because(
                    "Attributes",
                    "Invalid value for attribute: Enabled: must be true or false",
                ));
            }
            CUSTOM_USER_DATA | ENABLED | TOKEN => {}
            other => return Err(invalid_because("Attributes", format_args!("Invalid attribute name: {other}"))),
        }
    }
    Ok(())
}
