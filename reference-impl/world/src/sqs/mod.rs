//! Amazon SQS: standard and FIFO queues.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`api`] | the shapes and the list of the 23 operations |
//! | [`limits`] | every number, dated and sourced |
//! | [`errors`] | every code, once |
//! | `registry` | queues by account, Region and name: create, find, list, delete |
//! | `settings` | attributes, tags, permissions, purge |
//! | `send`, `receive`, `acknowledge` | the life of a message, single and in batches |
//! | `moves` | dead-letter queues and message move tasks |
//! | `queue`, `store`, `standard`, `fifo`, `dedup` | one queue and the order of its messages |
//! | `message`, `attributes`, `handle` | what a message, a queue's settings and a receipt handle are |

mod acknowledge;
pub mod api;
mod attributes;
mod batch;
mod dedup;
pub mod errors;
mod fifo;
mod handle;
pub mod limits;
mod message;
mod moves;
mod queue;
mod receive;
mod registry;
mod send;
mod settings;
mod standard;
mod store;

use crate::identity::AccountId;
use crate::world::{Common, Ticket};
use crate::{Answer, Caller, Timestamp};
pub use api::{Operation, Request, Response};
pub use message::md5_of_attributes;
pub(crate) use message::{Body, DeferredText};
use moves::{MoveTask, TaskId};
use queue::Queue;
use registry::{Area, AreaKey};
use rustc_hash::FxHashMap;
pub(crate) use send::{Consignment, sha256_hex};
use slab::Slab;
use std::sync::Arc;

/// Where in the slab a queue is.
type QueueId = usize;

/// SQS in every account and Region.
#[derive(Debug, Default)]
pub(crate) struct Sqs {
    queues: Slab<Queue>,
    areas: FxHashMap<AreaKey, Area>,
    tasks: Vec<MoveTask>,
    /// Which queue a waiting receive waits at.
    waits: FxHashMap<Ticket, QueueId>,
    /// Queues with waiters to whom something may have come.
    stirred: Vec<QueueId>,
    /// The `SenderId` of each account, made once.
    senders: FxHashMap<AccountId, Arc<str>>,
    created: u32,
}

/// What SQS has on the agenda.
#[derive(Debug)]
pub(crate) enum Due {
    /// A message of the queue becomes visible while somebody waits.
    Wake(QueueId),
    /// A waiting receive has waited long enough.
    EndWait(Ticket),
    /// The next step of a move task.
    Move(TaskId),
}

/// What an operation works with, besides the queues.
struct Context<'a> {
    common: &'a mut Common,
    now: Timestamp,
    caller: &'a Caller,
}

impl Sqs {
    /// Carries out one request.
    pub(crate) fn call(&mut self, common: &mut Common, now: Timestamp, caller: &Caller, request: Request) -> Answer {
        let mut context = Context { common, now, caller };
        let answer = self.answer(&mut context, request);
        self.serve_stirred(common, now);
        answer
    }

    fn answer(&mut self, context: &mut Context<'_>, request: Request) -> Answer {
        let response = match request {
            Request::AddPermission(input) => self.add_permission(context, input).map(Response::AddPermission),
            Request::CancelMessageMoveTask(input) => {
                self.cancel_message_move_task(context, input).map(Response::CancelMessageMoveTask)
            }
            Request::ChangeMessageVisibility(input) => {
                self.change_message_visibility(context, input).map(Response::ChangeMessageVisibility)
            }
            Request::ChangeMessageVisibilityBatch(input) => {
                self.change_message_visibility_batch(context, input).map(Response::ChangeMessageVisibilityBatch)
            }
            Request::CreateQueue(input) => self.create_queue(context, input).map(Response::CreateQueue),
            Request::DeleteMessage(input) => self.delete_message(context, input).map(Response::DeleteMessage),
            Request::DeleteMessageBatch(input) => {
                self.delete_message_batch(context, input).map(Response::DeleteMessageBatch)
            }
            Request::DeleteQueue(input) => self.delete_queue(context, input).map(Response::DeleteQueue),
            Request::GetQueueAttributes(input) => {
                self.get_queue_attributes(context, input).map(Response::GetQueueAttributes)
            }
            Request::GetQueueUrl(input) => self.get_queue_url(context, input).map(Response::GetQueueUrl),
            Request::ListDeadLetterSourceQueues(input) => {
                self.list_dead_letter_source_queues(context, input).map(Response::ListDeadLetterSourceQueues)
            }
            Request::ListMessageMoveTasks(input) => {
                self.list_message_move_tasks(context, input).map(Response::ListMessageMoveTasks)
            }
            Request::ListQueueTags(input) => self.list_queue_tags(context, input).map(Response::ListQueueTags),
            Request::ListQueues(input) => self.list_queues(context, input).map(Response::ListQueues),
            Request::PurgeQueue(input) => self.purge_queue(context, input).map(Response::PurgeQueue),
            // The only one that may wait.
            Request::ReceiveMessage(input) => return self.receive_message(context, input),
            Request::RemovePermission(input) => self.remove_permission(context, input).map(Response::RemovePermission),
            Request::SendMessage(input) => self.send_message(context, input).map(Response::SendMessage),
            Request::SendMessageBatch(input) => self.send_message_batch(context, input).map(Response::SendMessageBatch),
            Request::SetQueueAttributes(input) => {
                self.set_queue_attributes(context, input).map(Response::SetQueueAttributes)
            }
            Request::StartMessageMoveTask(input) => {
                self.start_message_move_task(context, input).map(Response::StartMessageMoveTask)
            }
            Request::TagQueue(input) => self.tag_queue(context, input).map(Response::TagQueue),
            Request::UntagQueue(input) => self.untag_queue(context, input).map(Response::UntagQueue),
        };
        Answer::Now(response.map(crate::Response::Sqs))
    }

    /// Does what the agenda says.
    pub(crate) fn run(&mut self, common: &mut Common, now: Timestamp, due: Due) {
        match due {
            Due::Wake(id) => self.wake(id, now),
            Due::EndWait(ticket) => self.end_wait(common, ticket),
            Due::Move(task) => self.step_move_task(common, now, task),
        }
        self.serve_stirred(common, now);
    }
}
