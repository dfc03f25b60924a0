//! Deleting what a broken-off run left behind: what its ledger names, and nothing else.

use crate::Stop;
use crate::ledger::{Act, Entry, Ledger, Resource};
use crate::stop::ErrorView;
use aws_sdk_sqs::Client;
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
    let Resource::Queue { owner, .. } = &entry.resource;
    let client = target.sqs_for((*owner).into(), Protocol::Json);
    let client = client.ok_or_else(|| format!("there are no credentials of the {owner:?} account"))?;
    let was_there = delete(&client, &entry.resource).await.map_err(|stop| stop.to_string())?;
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

/// Deletes one resource with its owner's client; `false` if it is not there.
pub(crate) async fn delete(client: &Client, resource: &Resource) -> Result<bool, Stop> {
    let Resource::Queue { name, .. } = resource;
    let url = match client.get_queue_url().queue_name(name).send().await {
        Ok(found) => found.queue_url,
        Err(error) if ErrorView::of(&error).is_some_and(|view| means_absent(&view.code)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(url) = url else { return Ok(false) };
    client.delete_queue().queue_url(url).send().await?;
    Ok(true)
}
