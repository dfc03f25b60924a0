//! The world behind its lock, and the one way time moves.
//!
//! | Item | What it does |
//! |---|---|
//! | [`Core::ask`] | carries out a call; the result is there, or comes through a [`Parked`] |
//! | [`Core::step`] | moves a virtual clock to the next thing that happens |
//! | [`Core::touch_world`] | anything else that is done to the world |
//! | [`keep_time`] | the thread that runs the world on a wall clock |

use crate::activity::Activity;
use crate::caller::Known;
use crate::clock::{Alarm, Clock, VirtualClock, WallClock};
use crate::idle::Idle;
use crate::posts::{Sender, Subscribers};
use proofmark_world::deliver::outside::{Post, PostId, PostOutcome};
use proofmark_world::{Answer, ApiError, Caller, Effect, Request, Response, Ticket, Timestamp, Uuid, World};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

/// What a call comes to.
pub(crate) type Outcome = Result<Response, ApiError>;

/// Which of the two kinds of time the world lives on.
#[derive(Clone, Debug)]
pub(crate) enum Time {
    Wall(WallClock),
    Virtual(VirtualClock),
}

impl Time {
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Time::Wall(clock) => clock.now(),
            Time::Virtual(clock) => clock.now(),
        }
    }
}

/// Everything that clones of a `Reference` share.
#[derive(Debug)]
pub(crate) struct Core {
    state: Mutex<State>,
    alarm: Arc<Alarm>,
    pub(crate) time: Time,
    pub(crate) activity: Activity,
    pub(crate) idle: Idle,
    pub(crate) known: Option<Known>,
    pub(crate) subscribers: Subscribers,
    sender: Sender,
    posting: watch::Sender<usize>,
    /// Where posts are made when the world acts outside of any runtime.
    runtime: OnceLock<Handle>,
    this: Weak<Core>,
}

#[derive(Debug)]
struct State {
    world: World,
    waiting: FxHashMap<Ticket, oneshot::Sender<Outcome>>,
    /// Counts resets, because each world numbers its tickets anew.
    generation: u64,
    /// Until when the time-keeping thread sleeps.
    armed: Option<Timestamp>,
}

/// What the world's effects come to, to be done once its lock is free.
#[derive(Default)]
struct Settled {
    answers: Vec<(oneshot::Sender<Outcome>, Outcome)>,
    posts: Vec<(PostId, Box<Post>)>,
    generation: u64,
}

/// A call's result, now or later.
pub(crate) enum Asked {
    Now(Outcome),
    Later(Parked),
}

/// A call that waits in the world. Dropping it tells the world that nobody waits any more.
#[derive(Debug)]
pub(crate) struct Parked {
    core: Arc<Core>,
    ticket: Ticket,
    generation: u64,
    result: oneshot::Receiver<Outcome>,
}

impl Parked {
    /// The result, once the world has it; `None` if the world was discarded meanwhile.
    pub(crate) async fn result(&mut self) -> Option<Outcome> {
        (&mut self.result).await.ok()
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.core.give_up(self.ticket, self.generation);
    }
}

impl Core {
    pub(crate) fn new(world: World, time: Time, idle: Idle, known: Option<Known>, sender: Sender) -> Arc<Self> {
        let state = State { world, waiting: FxHashMap::default(), generation: 0, armed: None };
        let core = Arc::new_cyclic(|this| Core {
            state: Mutex::new(state),
            alarm: Arc::new(Alarm::default()),
            time,
            activity: Activity::default(),
            idle,
            known,
            subscribers: Subscribers::default(),
            sender,
            posting: watch::Sender::new(0),
            runtime: OnceLock::new(),
            this: this.clone(),
        });
        if let Time::Wall(clock) = &core.time {
            keep_time(Arc::downgrade(&core), core.alarm.clone(), clock.clone());
        }
        core
    }

    /// Carries out one call at the clock's time.
    pub(crate) fn ask(self: &Arc<Self>, caller: &Caller, request: Request) -> (Uuid, Asked) {
        if self.runtime.get().is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            // Whoever comes second finds one there, which is as good.
            let _ = self.runtime.set(runtime);
        }
        self.with_state(|state, now| {
            let id = state.world.request_id();
            let asked = match state.world.call(now, caller, request) {
                Answer::Now(result) => Asked::Now(result),
                Answer::Later(ticket) => Asked::Later(self.park(state, ticket)),
            };
            (id, asked)
        })
    }

    fn park(self: &Arc<Self>, state: &mut State, ticket: Ticket) -> Parked {
        let (sender, result) = oneshot::channel();
        state.waiting.insert(ticket, sender);
        self.activity.park();
        Parked { core: self.clone(), ticket, generation: state.generation, result }
    }

    fn give_up(&self, ticket: Ticket, generation: u64) {
        let unanswered = self.with_state(|state, _| {
            let unanswered = state.generation == generation && state.waiting.remove(&ticket).is_some();
            if unanswered {
                state.world.cancel(ticket);
            }
            unanswered
        });
        self.activity.unpark(usize::from(unanswered));
    }

    /// Does something to the world at the clock's time.
    pub(crate) fn touch_world<T>(&self, act: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let value = self.with_state(|state, now| act(&mut state.world, now));
        self.activity.touch();
        value
    }

    /// Ends every wait and starts over with an empty world of the same configuration.
    pub(crate) fn reset(&self) {
        self.touch_world(|world, _| world.end_waits());
        let abandoned = self.with_state(|state, _| {
            state.world = World::new(state.world.config().clone());
            state.generation += 1;
            state.armed = None;
            std::mem::take(&mut state.waiting)
        });
        self.activity.unpark(abandoned.len());
    }

    /// When something next happens by itself on the virtual clock, in the world or to a sleeper.
    fn next_event(state: &State, clock: &VirtualClock) -> Option<Timestamp> {
        state.world.next_due().into_iter().chain(clock.next_due()).min()
    }

    /// Moves the virtual clock to the next event, but not past `limit`, and lets it happen.
    ///
    /// Returns the instant; `None` if nothing happens by `limit`, or the clock is not virtual.
    pub(crate) fn step(&self, limit: Timestamp) -> Option<Timestamp> {
        let Time::Virtual(clock) = &self.time else { return None };
        let (at, settled, wakers) = {
            let mut state = self.lock();
            let at = Self::next_event(&state, clock).filter(|at| *at <= limit)?;
            state.world.run_until(at.max(clock.now()));
            let wakers = clock.set(at);
            (at, state.settle(&self.subscribers), wakers)
        };
        self.carry_out(settled);
        wakers.into_iter().for_each(std::task::Waker::wake);
        self.activity.touch();
        Some(at)
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let (value, settled, earlier) = {
            let mut state = self.lock();
            let value = act(&mut state, self.time.now());
            (value, state.settle(&self.subscribers), state.rearm())
        };
        self.carry_out(settled);
        if earlier {
            self.alarm.ring();
        }
        value
    }

    fn carry_out(&self, settled: Settled) {
        for (id, post) in settled.posts {
            self.post(id, post, settled.generation);
        }
        self.activity.unpark(settled.answers.len());
        for (sender, result) in settled.answers {
            // A receiver that is gone was dropped a moment ago; nobody misses the answer.
            let _ = sender.send(result);
        }
    }

    /// Posts over a socket, and tells the world what came of it.
    fn post(&self, id: PostId, post: Box<Post>, generation: u64) {
        let runtime = Handle::try_current().ok().or_else(|| self.runtime.get().cloned());
        let (Some(runtime), Some(core)) = (runtime, self.this.upgrade()) else {
            let reason = "there is no runtime to post from".to_owned();
            return self.posted(id, &PostOutcome::Unreachable { reason }, generation);
        };
        let outstanding = self.activity.begin();
        self.posting.send_modify(|posting| *posting += 1);
        runtime.spawn(async move {
            if let Some(outcome) = core.sender.post(&post).await {
                core.posted(id, &outcome, generation);
            }
            core.posting.send_modify(|posting| *posting -= 1);
            drop(outstanding);
        });
    }

    fn posted(&self, id: PostId, outcome: &PostOutcome, generation: u64) {
        self.with_state(|state, now| {
            if state.generation == generation {
                state.world.post_finished(now, id, outcome);
            }
        });
    }

    /// Waits until no post is under way.
    pub(crate) async fn posts_done(&self) {
        // The sender lives as long as this core, so that waiting cannot fail.
        let _ = self.posting.subscribe().wait_for(|posting| *posting == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.alarm.ring();
    }
}

impl State {
    /// Takes the world's effects: finds who waits for answers, and lets subscribers of this process answer posts.
    fn settle(&mut self, subscribers: &Subscribers) -> Settled {
        let mut settled = Settled { generation: self.generation, ..Settled::default() };
        loop {
            let effects = self.world.take_effects();
            if effects.is_empty() {
                return settled;
            }
            for effect in effects {
                match effect {
                    Effect::Answer { ticket, result } => {
                        settled.answers.extend(self.waiting.remove(&ticket).map(|sender| (sender, result)));
                    }
                    Effect::Post { id, post } => self.post_here(subscribers, id, post, &mut settled),
                }
            }
        }
    }

    fn post_here(&mut self, subscribers: &Subscribers, id: PostId, post: Box<Post>, settled: &mut Settled) {
        let now = self.world.now();
        match subscribers.answer(&post, now) {
            None => settled.posts.push((id, post)),
            Some(reply) => {
                if let Some(outcome) = reply.outcome() {
                    self.world.post_finished(now, id, &outcome);
                }
            }
        }
    }

    /// Notes the next due instant; true if it is earlier than the time-keeper knows.
    fn rearm(&mut self) -> bool {
        let next = self.world.next_due();
        let earlier = next.is_some_and(|next| self.armed.is_none_or(|armed| next < armed));
        if earlier {
            self.armed = next;
        }
        earlier
    }
}

/// Starts the thread that lets the world do what is due on a wall clock, for as long as `core` lives.
fn keep_time(core: Weak<Core>, alarm: Arc<Alarm>, clock: WallClock) {
    let keep = move || {
        loop {
            let Some(next) = core.upgrade().map(|core| core.catch_up()) else { return };
            alarm.wait(&clock, next);
        }
    };
    let started = std::thread::Builder::new().name("proofmark-world".to_owned()).spawn(keep);
    drop(started.expect("the operating system starts one thread for the world's clock"));
}

impl Core {
    /// Runs what is due on the wall clock, and returns when to come back.
    fn catch_up(&self) -> Option<Timestamp> {
        self.with_state(|state, now| {
            state.world.run_until(now);
            state.armed = state.world.next_due();
            state.armed
        })
    }
}
