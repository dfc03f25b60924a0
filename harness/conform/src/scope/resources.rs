//! Creating queues and topics, and deleting what was created.

use super::Scope;
use crate::Stop;
use crate::ledger::{Act, Entry, Owner, Resource};
use crate::sweep;
use aws_sdk_sns::operation::create_topic::builders::CreateTopicFluentBuilder;
use aws_sdk_sqs::operation::create_queue::builders::CreateQueueFluentBuilder;
use aws_sdk_sqs::types::QueueAttributeName;

impl Scope {
    /// Creates a standard queue for `role` with these attributes, and returns its URL.
    ///
    /// # Errors
    /// A failure if the service refuses; an error if the ledger cannot be written.
    pub async fn create_queue(&self, role: &str, attributes: &[(QueueAttributeName, &str)]) -> Result<String, Stop> {
        self.create_named_queue(self.name(role), attributes).await
    }

    /// Creates a FIFO queue for `role` with these attributes, and returns its URL. `FifoQueue` is set already.
    ///
    /// # Errors
    /// The same.
    pub async fn create_fifo_queue(
        &self,
        role: &str,
        attributes: &[(QueueAttributeName, &str)],
    ) -> Result<String, Stop> {
        let fifo = [(QueueAttributeName::FifoQueue, "true")];
        let attributes = [&fifo, attributes].concat();
        self.create_named_queue(self.fifo_name(role), &attributes).await
    }

    /// A CreateQueue for this name, to be completed and sent. It is in the ledger from now on, also if it is meant to
    /// be refused: a service that accepts it has a queue to delete.
    ///
    /// # Errors
    /// An error if the ledger cannot be written, or the budget has no requests left for deleting it.
    pub fn creating_queue(&self, name: &str) -> Result<CreateQueueFluentBuilder, Stop> {
        self.creating_queue_of(Owner::First, name)
    }

    /// The same in the account of `owner`.
    ///
    /// # Errors
    /// The same; [`Stop::Unsupported`] if this world does not have the account.
    pub fn creating_queue_of(&self, owner: Owner, name: &str) -> Result<CreateQueueFluentBuilder, Stop> {
        let client = self.sqs_as(owner.into())?;
        self.will_create(Resource::Queue { name: name.to_owned(), owner })?;
        Ok(client.create_queue().queue_name(name))
    }

    async fn create_named_queue(
        &self,
        name: String,
        attributes: &[(QueueAttributeName, &str)],
    ) -> Result<String, Stop> {
        let mut create = self.creating_queue(&name)?;
        for (attribute, value) in attributes {
            create = create.attributes(attribute.clone(), *value);
        }
        let created = create.send().await?;
        created.queue_url.ok_or_else(|| Stop::fail("CreateQueue answered without a QueueUrl"))
    }

    /// A call that creates a topic of this name, to be completed. The ledger names it from now on, and it is deleted
    /// at the end, with its subscriptions.
    ///
    /// # Errors
    /// An error if the ledger cannot be written, or the budget has no requests left for deleting it.
    pub fn creating_topic(&self, name: &str) -> Result<CreateTopicFluentBuilder, Stop> {
        self.creating_topic_of(Owner::First, name)
    }

    /// The same in the account of `owner`.
    ///
    /// # Errors
    /// The same; [`Stop::Unsupported`] if this world does not have the account.
    pub fn creating_topic_of(&self, owner: Owner, name: &str) -> Result<CreateTopicFluentBuilder, Stop> {
        let client = self.sns_as(owner.into())?;
        self.will_create(Resource::Topic { name: name.to_owned(), owner })?;
        Ok(client.create_topic().name(name))
    }

    /// Says that the next call creates `resource`: writes it into the ledger, and has it deleted at the end.
    ///
    /// The same resource may be named twice.
    ///
    /// # Errors
    /// An error if the ledger cannot be written, or the budget has no requests left for deleting it; then do not
    /// create anything.
    fn will_create(&self, resource: Resource) -> Result<(), Stop> {
        if !self.notes().resources.contains(&resource) {
            if !self.target.is_ephemeral() {
                self.target.set_aside(sweep::REQUESTS).map_err(|error| Stop::Error(error.to_string()))?;
            }
            self.notes().resources.push(resource.clone());
        }
        self.write(Act::Create, &resource)
    }

    fn write(&self, what: Act, resource: &Resource) -> Result<(), Stop> {
        let entry = Entry {
            at: self.now(),
            run: self.setting.run.clone(),
            unit: self.unit.name(),
            region: self.region().to_owned(),
            what,
            resource: resource.clone(),
        };
        let written = self.setting.ledger.write(&entry);
        written.map_err(|error| Stop::Error(format!("the ledger cannot be written, so nothing is created: {error}")))
    }

    /// Deletes what was created, the latest first. What cannot be deleted is warned about and stays in the ledger.
    pub(crate) async fn clean_up(&self) {
        let resources = std::mem::take(&mut self.notes().resources);
        for resource in resources.iter().rev() {
            let deleted = match self.delete(resource).await {
                Ok(()) => self.write(Act::Deleted, resource),
                Err(stop) => Err(stop),
            };
            self.target.release(sweep::REQUESTS);
            if let Err(stop) = deleted {
                self.warn(format!("{resource} may be left behind: {stop}"));
            }
        }
    }

    async fn delete(&self, resource: &Resource) -> Result<(), Stop> {
        sweep::delete(&self.target, resource).await.map(drop)
    }
}
