//! Creating queues and topics, and deleting what was created.

use super::Scope;
use crate::Stop;
use crate::ledger::{Act, Entry, Owner, Resource};
use crate::sweep;
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

    async fn create_named_queue(
        &self,
        name: String,
        attributes: &[(QueueAttributeName, &str)],
    ) -> Result<String, Stop> {
        self.will_create(Resource::Queue { name: name.clone(), owner: Owner::First })?;
        let mut create = self.sqs.create_queue().queue_name(name);
        for (attribute, value) in attributes {
            create = create.attributes(attribute.clone(), *value);
        }
        let created = create.send().await?;
        created.queue_url.ok_or_else(|| Stop::fail("CreateQueue answered without a QueueUrl"))
    }

    /// Creates a standard topic for `role` with these attributes, and returns its ARN.
    ///
    /// # Errors
    /// A failure if the service refuses; an error if the ledger cannot be written.
    pub async fn create_topic(&self, role: &str, attributes: &[(&str, &str)]) -> Result<String, Stop> {
        self.create_named_topic(self.name(role), attributes).await
    }

    /// Creates a FIFO topic for `role` with these attributes, and returns its ARN. `FifoTopic` is set already.
    ///
    /// # Errors
    /// The same.
    pub async fn create_fifo_topic(&self, role: &str, attributes: &[(&str, &str)]) -> Result<String, Stop> {
        let attributes = [&[("FifoTopic", "true")], attributes].concat();
        self.create_named_topic(self.fifo_name(role), &attributes).await
    }

    async fn create_named_topic(&self, name: String, attributes: &[(&str, &str)]) -> Result<String, Stop> {
        self.will_create(Resource::Topic { name: name.clone(), owner: Owner::First })?;
        let mut create = self.sns().create_topic().name(name);
        for (attribute, value) in attributes {
            create = create.attributes(*attribute, *value);
        }
        let created = create.send().await?;
        created.topic_arn.ok_or_else(|| Stop::fail("CreateTopic answered without a TopicArn"))
    }

    /// Says that the next call creates `resource`: writes it into the ledger, and has it deleted at the end.
    ///
    /// Call it before every create that [`Scope::create_queue`] does not do. The same resource may be named twice.
    ///
    /// # Errors
    /// An error if the ledger cannot be written; then do not create anything.
    pub fn will_create(&self, resource: Resource) -> Result<(), Stop> {
        self.write(Act::Create, &resource)?;
        let mut notes = self.notes();
        if !notes.resources.contains(&resource) {
            notes.resources.push(resource);
        }
        Ok(())
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
            if let Err(stop) = deleted {
                self.warn(format!("{resource} may be left behind: {stop}"));
            }
        }
    }

    async fn delete(&self, resource: &Resource) -> Result<(), Stop> {
        sweep::delete(&self.target, resource).await.map(drop)
    }
}
