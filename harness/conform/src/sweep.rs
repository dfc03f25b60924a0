//! Deleting what a broken-off run left behind: what its ledger names, and nothing else.

use crate::Stop;
use crate::ledger::{Act, Entry, Ledger, Resource};
use crate::stop::ErrorView;
use proofmark_backend::{Clock, Protocol, Target, WallClock};

/// The requests that deleting one resource takes.
pub(crate) const REQUESTS: u64 = 2;

/// What came of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The resources that were deleted.
    pub deleted: Vec<Resource>,
    /// The resources that were not there: never created, or deleted without being written down.
    pub absent: Vec<Resource>,
    /// The resources that are still there, each with why.
    pub kept: Vec<(Resource, String)>,
}

/// Deletes what `left` names, the latest first, and writes into `ledger` what was deleted.
///
/// Take `left` from [`Ledger::left_behind`]. An entry of another Region than the target's is kept.
pub async fn sweep(target: &Target, left: &[Entry], ledger: &Ledger) -> Swept {
    let mut swept = Swept::default();
    for entry in left.iter().rev() {
        let resource = entry.resource.clone();
        match sweep_one(target, entry, ledger).await {
            Ok(true) => swept.deleted.push(resource),
            Ok(false) => swept.absent.push(resource),
            Err(why) => swept.kept.push((resource, why)),
        }
    }
    swept
}

async fn sweep_one(target: &Target, entry: &Entry, ledger: &Ledger) -> Result<bool, String> {
    if entry.region != target.region() {
        return Err(format!("it is in {}; sweep with that Region", entry.region));
    }
    let was_there = delete(target, &entry.resource).await.map_err(|stop| stop.to_string())?;
    if was_there {
        let deleted = Entry { at: WallClock::new().now(), what: Act::Deleted, ..entry.clone() };
        ledger.write(&deleted).map_err(|error| format!("deleted, and the ledger cannot be written: {error}"))?;
    }
    Ok(was_there)
}

/// Whether a refusal to look a queue up says that there is none: by that name, or by any that cannot be a name.
fn means_absent(code: &str) -> bool {
    code.ends_with("NonExistentQueue") || ["InvalidParameterValue", "MissingParameter"].contains(&code)
}

/// Deletes one resource with its owner's credentials; `false` if it is not there.
pub(crate) async fn delete(target: &Target, resource: &Resource) -> Result<bool, Stop> {
    let owner = resource.owner();
    let no_credentials = || Stop::Unsupported(format!("there are no credentials of the {owner:?} account"));
    match resource {
        Resource::Queue { name, .. } => {
            let client = target.sqs_for(owner.into(), Protocol::Json).ok_or_else(no_credentials)?;
            delete_queue(&client, name).await
        }
        Resource::Topic { name, .. } => {
            let client = target.sns_for(owner.into()).ok_or_else(no_credentials)?;
            delete_topic(&client, name).await
        }
    }
}

async fn delete_queue(client: &aws_sdk_sqs::Client, name: &str) -> Result<bool, Stop> {
    let url = match client.get_queue_url().queue_name(name).send().await {
        Ok(found) => found.queue_url,
        Err(error) if ErrorView::of(&error).is_some_and(|view| means_absent(&view.code)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(url) = url else { return Ok(false) };
    client.delete_queue().queue_url(url).send().await?;
    Ok(true)
}

/// Looks a topic up by name, because only its ARN can be deleted and the ARN has the account in it.
async fn delete_topic(client: &aws_sdk_sns::Client, name: &str) -> Result<bool, Stop> {
    let mut token = None;
    loop {
        let page = client.list_topics().set_next_token(token).send().await?;
        let named = |arn: &&str| arn.rsplit(':').next() == Some(name);
        if let Some(arn) = page.topics().iter().filter_map(|topic| topic.topic_arn()).find(named) {
            // An archive keeps its topic from being deleted; topics that cannot have one refuse this, and no matter.
            let archive = client.set_topic_attributes().topic_arn(arn).attribute_name("ArchivePolicy");
            let _refused = archive.attribute_value("").send().await;
            client.delete_topic().topic_arn(arn).send().await?;
            return Ok(true);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(false);
        }
    }
}
